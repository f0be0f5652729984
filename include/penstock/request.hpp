#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/authorization.hpp"
#include "penstock/detail/value_type.hpp"
#include "penstock/item_key.hpp"
#include "penstock/request_body.hpp"

namespace penstock {

/// A header field, as in `{"Accept", "application/json"}`.
struct header {
    std::string name;
    std::string value;
};

/// What is asked of a server; with a URL alone, the page there.
///
/// GET, HEAD, OPTIONS, PUT, DELETE and TRACE do the same however often they arrive, so an attempt that failed is
/// repeated. A request of any other method is sent once: on a connection of its own, by HTTP/1.1, so that libcurl has
/// no reason to send it again by itself; it is tried again only if nothing of it was sent, as when there was no
/// connection. With an `idempotency_key` it is like the others, but where a redirect leads to another
/// origin, which does not get the key.
struct request {
    std::string url;                ///< Absolute, http or https, without user name or password.
    std::string method = "GET";     ///< Any but CONNECT, as it is sent: upper case in all that are usual.
    std::vector<header> headers{};  ///< Sent in addition to, and in place of, those of the fetch options.
    request_body body{};            ///< Sent if there is any; POST, PUT and PATCH send an empty one too.
    authorization auth{};           ///< Sent unless there is a header of that name.
    std::string idempotency_key{};  ///< Sent as Idempotency-Key: says that the server takes repetitions for one.
    std::string tag{};              ///< The user's own: comes back in the page and in the dead letter, is never sent.
    std::string proxy_key{};        ///< What shares a proxy and its session; empty for the origin. See `proxy_options`.
    std::string target{};           ///< What the breaker takes it for; empty for the origin. See `breaker_options`.
    std::string key{};  ///< What a ledger knows it by, if it is not to be by method, URL and body; see `key_of_text`.
};

/// A request is known by its `key`, or by what is sent.
template <>
struct keyed_as<request> {
    static item_key key(const request& of) noexcept {
        return of.key.empty() ? key_of_request(of.method, of.url, of.body.bytes) : key_of_text(of.key);
    }
};

namespace detail {
/// The request's URL, without a user name and password if it has some: such a one is refused, but it has a letter.
std::string origin_of(const request& asked);

/// True if this may be a method at all; what is none may be anything, and is not shown.
bool is_method(std::string_view text) noexcept;

/// What a letter has in the place of such a one: no method either, so that nothing is replayed in its place.
inline constexpr std::string_view no_method = "(none)";

/// What the breaker takes a URL for: its origin; a text that is no URL stays as it is.
std::string target_of(std::string_view url);

template <>
struct origin_text<request> {
    static void describe(const void* value, dead_letter& letter) {
        const auto& origin = *static_cast<const request*>(value);
        letter.origin = origin_of(origin);
        letter.tag = origin.tag;
        letter.key = origin.key;
        if (!is_method(origin.method)) {
            letter.method = no_method;
        } else if (origin.method != "GET") {
            letter.method = origin.method;
        }
        letter.idempotency_key = origin.idempotency_key;
        letter.proxy_key = origin.proxy_key;
        letter.target = origin.target;
        letter.body_withheld = origin.body.confidential;
        if (!letter.body_withheld) letter.body = origin.body.bytes;
        letter.content_type = origin.body.content_type;
    }
    static std::size_t size(const void* value) noexcept {
        const auto& origin = *static_cast<const request*>(value);
        return origin.url.size() + origin.tag.size() + origin.key.size() + origin.method.size()
               + origin.idempotency_key.size() + origin.proxy_key.size() + origin.target.size()
               + (origin.body.confidential ? 0 : origin.body.bytes.size()) + origin.body.content_type.size();
    }
};
}  // namespace detail

}  // namespace penstock
