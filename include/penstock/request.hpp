#pragma once

#include <string>
#include <vector>

#include "penstock/detail/value_type.hpp"
#include "penstock/item_key.hpp"

namespace penstock {

/// A header field, as in `{"Accept", "application/json"}`.
struct header {
    std::string name;
    std::string value;
};

/// One page to be fetched with GET.
struct request {
    std::string url;                ///< Absolute, http or https, without user name or password.
    std::vector<header> headers{};  ///< Sent in addition to, and in place of, those of the fetch options.
    std::string tag{};              ///< The user's own: comes back in the page and in the dead letter, is never sent.
    std::string key{};  ///< What a ledger knows it by, if it is not to be by method, URL and body; see `key_of_text`.
};

/// A request is known by its `key`, or by what is sent.
template <>
struct keyed_as<request> {
    static item_key key(const request& of) noexcept {
        return of.key.empty() ? key_of_request("GET", of.url, {}) : key_of_text(of.key);
    }
};

namespace detail {
/// The request's URL, without a user name and password if it has some: such a one is refused, but it has a letter.
std::string origin_of(const request& asked);

template <>
struct origin_text<request> {
    static void describe(const void* value, dead_letter& letter) {
        const auto& origin = *static_cast<const request*>(value);
        letter.origin = origin_of(origin);
        letter.tag = origin.tag;
        letter.key = origin.key;
    }
};
}  // namespace detail

}  // namespace penstock
