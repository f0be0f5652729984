#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "penstock/detail/value_type.hpp"

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
    std::string proxy_key{};        ///< What shares a proxy and its session; empty for the origin. See `proxy_options`.
    std::string target{};           ///< What the breaker takes it for; empty for the origin. See `breaker_options`.
};

namespace detail {
/// The request's URL, without a user name and password if it has some: such a one is refused, but it has a letter.
std::string origin_of(const request& asked);

/// What the breaker takes a URL for: its origin; a text that is no URL stays as it is.
std::string target_of(std::string_view url);

template <>
struct origin_text<request> {
    static void describe(const void* value, dead_letter& letter) {
        const auto& origin = *static_cast<const request*>(value);
        letter.origin = origin_of(origin);
        letter.tag = origin.tag;
    }
};
}  // namespace detail

}  // namespace penstock
