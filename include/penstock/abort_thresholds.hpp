#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "penstock/blame.hpp"
#include "penstock/metrics.hpp"

namespace penstock {

/// How much of one kind of failure is too much. Whatever is 0 is off.
struct abort_rule {
    /// So many dead items in the whole run.
    std::uint64_t failures = 0;
    /// This share of the items that were judged so far, 0 to 1.
    double error_rate = 0;
    /// The fewest judged items that a rate is believed of, 1 or more.
    std::uint64_t min_sample = 10;
};

/// When a run is aborted: admission and waiting end as after a stop, what is in flight settles, and the report says
/// `end_reason::aborted`, which threshold it was and which item reached it. All are off unless set.
///
/// An item is judged when it comes to the first stage: good if it got there (with its page, where the chain fetches),
/// bad if it failed before. One that fails later turns from good to bad. So the share of errors never runs ahead of
/// what is still under way, as it would if the items that wait for their COMMIT were left out.
struct abort_thresholds {
    /// So many items in a row that failed in the same place: fetch, one of the stages, or the sink. Each place counts
    /// the items in the order in which it was through with them.
    std::uint64_t consecutive_failures = 0;
    /// Of all failures together: see `abort_rule`.
    double error_rate = 0;
    std::uint64_t min_sample = 10;

    abort_rule database = {};  ///< Rows that were refused: `error_kind::load`.
    abort_rule io = {};        ///< This machine's own troubles: `local_resource`.
    abort_rule proxy = {};     ///< `proxy`.
    /// `timeout`, `bad_status`, `rate_limited`, `redirect`, `request`, `truncated`, `too_large`.
    abort_rule http = {};
    abort_rule parse = {};  ///< `parse`.

    /// True if any threshold is set.
    bool any() const noexcept;
};

/// Thresholds that suit the collection of known pages: 5 failures in a row, 20 % of at least 10 items; one failure of
/// the database or of this machine; 30 % for proxies (of 10), 20 % for HTTP (of 5), 15 % for parsing (of 5).
abort_thresholds usual_thresholds() noexcept;

/// Which threshold ended a run, and with which item.
struct abort_cause {
    std::string threshold;   ///< Its name, such as "consecutive_failures" or "http.error_rate".
    std::uint64_t item = 0;  ///< The ordinal of the item that reached it.
};

/// Whether a failure gives reason to stop asking this server, and which: looked for in the order blocked, proxy error
/// (only with `through_proxies`), timeout, server down. Any thread.
template <telling_of_a_failure T>
constexpr const char* should_abort(const T& of, bool through_proxies = false) noexcept {
    if (is_blocked(of)) return "the server blocks this client";
    if (through_proxies && is_proxy_error(of)) return "the proxy fails";
    if (is_timeout(of)) return "time ran out";
    if (is_server_down(of)) return "the server is down";
    return nullptr;
}

/// The first threshold that these figures reach, by its name; nothing if they reach none. Items in doubt count as
/// failed here, and failures in a row cannot be seen; in a run with `abort_when` it is the other way round. Any thread.
std::optional<std::string> should_abort(const metrics_snapshot& figures, const abort_thresholds& when);

}  // namespace penstock
