#pragma once

#include <tuple>
#include <utility>

#include "penstock/stage.hpp"
#include "penstock/stages/fetch/fetch_options.hpp"
#include "penstock/stages/fetch/fetch_piece.hpp"

namespace penstock {

/// Sends each request and hands on the pages that arrived whole.
///
///   in → out   request, or a URL as std::string → page
///   mode       source side: stands right behind the source
///   threads    owns one, "penstock-fetch"; sockets advance on it even while nobody takes a page. libcurl adds
///              short-lived ones that resolve names
///   bound      the run's queue_size and max_bytes_in_flight, and what the soft limit of open files allows
///   waits      for sockets, for the next retry or deadline, for room at an origin, and for bytes to be let go
///   order      as completed
///   fails      item: timeout, proxy, bad_status, rate_limited, redirect, request, truncated, too_large,
///              local_resource, other, after its retries    run: no usable proxy
///   ends       when the requests end and the last transfer is taken; a stop gives back what waits, an abandon all
///   owns       connections and curl handles, for one run; a page's bytes are padded for simdjson and leave with it
///
/// Throws `bad_option` for options that cannot work.
inline auto fetch(fetch_options options = {}) {
    fetch_stage::check(options);
    return stage<detail::fetch_piece>(std::tuple(detail::fetch_piece{std::move(options)}));
}

}  // namespace penstock
