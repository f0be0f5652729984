#pragma once

#include <concepts>

#include "penstock/dead_letter.hpp"
#include "penstock/failure.hpp"

namespace penstock {

/// What tells of a failure: the failure itself or its dead letter.
template <class T>
concept telling_of_a_failure = std::same_as<T, failure> || std::same_as<T, dead_letter>;

/// Who or what is to blame for a failure of HTTP work. More than one may be true of a failure, as of an item whose time
/// ran out over answers of 503; none is of one that says nothing about the server, such as a bad URL. Any thread.

/// The server does not want this client: it answers 401, 403 or 429, or breaks connections off.
template <telling_of_a_failure T>
constexpr bool is_blocked(const T& of) noexcept {
    return of.status == 401 || of.status == 403 || of.status == 429 || of.kind == error_kind::rate_limited
           || of.connection_reset;
}

/// A proxy refused or failed, 407 included.
template <telling_of_a_failure T>
constexpr bool is_proxy_error(const T& of) noexcept {
    return of.kind == error_kind::proxy || of.status == 407;
}

/// An attempt's or the item's time ran out.
template <telling_of_a_failure T>
constexpr bool is_timeout(const T& of) noexcept {
    return of.kind == error_kind::timeout;
}

/// The server answers, but with an error of its own: 500 to 599.
template <telling_of_a_failure T>
constexpr bool is_server_down(const T& of) noexcept {
    return of.status >= 500 && of.status <= 599;
}

}  // namespace penstock
