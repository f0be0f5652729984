#pragma once

#include <charconv>
#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>

#include "penstock/dead_letter.hpp"
#include "penstock/item_key.hpp"

namespace penstock::detail {

/// How a value that a source gave is put into a dead letter, and how many bytes it is there at most. Types without text
/// of their own leave it empty: the letter then names the item by its ordinal.
template <class T>
struct origin_text {};

template <>
struct origin_text<std::string> {
    static void describe(const void* value, dead_letter& letter) {
        letter.origin = *static_cast<const std::string*>(value);
    }
    static std::size_t size(const void* value) noexcept { return static_cast<const std::string*>(value)->size(); }
};

template <class T>
requires std::is_integral_v<T>
struct origin_text<T> {
    static void describe(const void* value, dead_letter& letter) {
        letter.origin = std::to_string(*static_cast<const T*>(value));
    }
    // One digit more than those that every number has, and the sign.
    static std::size_t size(const void*) noexcept { return std::numeric_limits<T>::digits10 + 2; }
};

template <class T>
requires std::is_floating_point_v<T>
struct origin_text<T> {
    static void describe(const void* value, dead_letter& letter) {
        char text[longest];
        const auto end = std::to_chars(text, text + longest, *static_cast<const T*>(value)).ptr;
        letter.origin.assign(text, end);
    }
    static std::size_t size(const void*) noexcept { return longest; }

    /// What reads back as the same takes no more digits; then there are a sign, a point, and an exponent such as
    /// e-4951.
    static constexpr std::size_t longest = std::numeric_limits<T>::max_digits10 + 8;
};

template <class T>
concept has_origin_text = requires(const void* value, dead_letter& letter) {
    origin_text<T>::describe(value, letter);
};

/// How the engine holds a value of a type that it does not know.
struct value_type {
    std::size_t size;
    std::size_t alignment;
    void (*destroy)(void* value) noexcept;
    void (*copy)(void* room, const void* value);               ///< Null if the type has no text for a dead letter.
    void (*describe)(const void* value, dead_letter& letter);  ///< Null likewise.
    std::size_t (*text_size)(const void* value) noexcept;      ///< Null likewise.
    item_key (*key)(const void* value);                        ///< Null if a ledger cannot tell its values apart.
};

template <class T>
constexpr value_type describe_value_type() {
    value_type type{sizeof(T), alignof(T), [](void* value) noexcept { std::destroy_at(static_cast<T*>(value)); },
                    nullptr,   nullptr,    nullptr,
                    nullptr};
    if constexpr (has_origin_text<T>) {
        type.copy = [](void* room, const void* value) {
            std::construct_at(static_cast<T*>(room), *static_cast<const T*>(value));
        };
        type.describe = &origin_text<T>::describe;
        type.text_size = &origin_text<T>::size;
    }
    if constexpr (has_item_key<T>) {
        type.key = [](const void* value) { return item_key_of(*static_cast<const T*>(value)); };
    }
    return type;
}

template <class T>
inline constexpr value_type value_type_of = describe_value_type<T>();

}  // namespace penstock::detail
