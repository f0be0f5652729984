#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace penstock {

/// What a ledger knows an item by: 128 bits of BLAKE2b. A key is a promise over versions of penstock, machines and
/// databases: the same work has the same key for ever, so it can also be computed elsewhere (Python):
///
///     hashlib.blake2b(b"GET\0https://example.org/1\0", digest_size=16).hexdigest()    # key_of_request
///     hashlib.blake2b(b"\0order 17", digest_size=16).hexdigest()                      # key_of_text
///
/// Two items of one key are one item to a ledger; that two different ones meet by chance need not be feared.
struct item_key {
    std::uint64_t high = 0;  ///< The first eight bytes of the hash, the first of them being the most significant.
    std::uint64_t low = 0;   ///< The other eight.

    friend auto operator<=>(const item_key&, const item_key&) = default;
};

/// The key of a request: method, URL and body byte for byte, with a NUL byte between them. Headers do not count, for
/// they change from run to run; nor does the tag. The URL is taken as it was given: nothing is normalised.
item_key key_of_request(std::string_view method, std::string_view url, std::string_view body) noexcept;

/// The key that a text of the user's own stands for; never that of a request. For ids, numbers, lines of a file.
item_key key_of_text(std::string_view text) noexcept;

/// The key in 32 digits of lower-case hexadecimal, as PostgreSQL (without the hyphens of a uuid), SQLite's `hex` and
/// the examples above show it.
std::string to_string(const item_key& key);

/// The key that such digits say, hyphens left out; all bits zero if they say none.
item_key read_item_key(std::string_view digits) noexcept;

/// How the values of a source are told apart by a ledger. Texts and integers are their own keys, a request has that of
/// `key_of_request` or its `key`; for a type of your own, specialise:
///
///     template <>
///     struct penstock::keyed_as<filing> {
///         static std::string key(const filing& of) { return of.accession_number; }   // or an item_key
///     };
///
/// The specialisation must be seen wherever the source is made. A source of a type without one runs as ever, only not
/// with a ledger. `key` is called on the source's thread; what it throws ends the run as failed, as the source would.
template <class T>
struct keyed_as {};

template <>
struct keyed_as<std::string> {
    static item_key key(const std::string& text) noexcept { return key_of_text(text); }
};

template <class T>
requires(std::integral<T> && !std::same_as<T, bool>) struct keyed_as<T> {
    static std::string key(T number) { return std::to_string(number); }
};

namespace detail {

template <class T>
concept has_item_key = requires(const T& value) {
    keyed_as<T>::key(value);
};

template <class T>
item_key item_key_of(const T& value) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(keyed_as<T>::key(value))>, item_key>) {
        return keyed_as<T>::key(value);
    } else {
        return key_of_text(keyed_as<T>::key(value));
    }
}

}  // namespace detail

}  // namespace penstock
