#pragma once

#include <chrono>
#include <optional>
#include <vector>

namespace penstock {

/// How fetch goes through `fetch_options::proxies`. Nothing here counts without any.
struct proxy_options {
    /// Which proxy an attempt goes through, of those that are not locked out and have room: one after the other; the
    /// one with the fewest attempts under way, and then in all; any; or always the same for the same
    /// `request::proxy_key`, or for the same origin where that is empty. A retry takes another in any case, if there is
    /// one.
    enum class rotation : unsigned char { round_robin, least_used, random, sticky };
    rotation policy = rotation::round_robin;

    /// What `{session}` in a proxy's name or password becomes: `sticky`, the same for the same `request::proxy_key` (or
    /// origin) until the proxy fails it; `fresh`, new for each attempt, which has a connection of its own then.
    enum class session_kind : unsigned char { sticky, fresh };
    session_kind session = session_kind::sticky;

    /// Has proxies make a tunnel (CONNECT) for http too, as they always do for https. Through a tunnel, what a proxy
    /// says and what the target says can be told apart; without one an answer of the proxy's own looks like the
    /// target's. SOCKS proxies always do so.
    bool tunnel = false;

    /// The most attempts under way through one proxy at once, 1 to 100,000; and attempts a second, 0.0001 to
    /// 1,000,000, so many of them at once after a rest, 1 to 100,000. An item that waits for its proxy counts as under
    /// way at its origin.
    unsigned connections_per_proxy = 100'000;
    std::optional<double> rate_per_proxy = std::nullopt;
    unsigned burst_per_proxy = 1;

    /// Attempts of an item after ones that a proxy spoiled, 0 to 100: each goes at once, through another proxy, and is
    /// none of `fetch_options::retries`. Where no other proxy is left, or so many have been made, `retries` count.
    unsigned switches = 10;

    /// Faults of a proxy in a row, 1 to 1,000, until it is locked out. Those that say nothing about the target (it
    /// cannot be reached, 407) count for the proxy as a whole, those that do (CONNECT refused, a captive page in place
    /// of the tunnel, a SOCKS reply) for it and the target's origin. One that was locked out before is again at its
    /// first fault. Any answer of a target through it ends the row.
    unsigned max_faults = 3;

    /// How long a proxy is locked out, the first time and each further one; then it is banned for the rest of the run.
    /// At least one, each 1 ms to 30 days. An answer through it begins the ladder anew.
    std::vector<std::chrono::milliseconds> lockouts = {std::chrono::minutes(5), std::chrono::minutes(20),
                                                       std::chrono::hours(1), std::chrono::hours(4),
                                                       std::chrono::hours(24)};

    /// With `rotation::sticky`: how long a proxy that a key has left is given to new keys only if there is no other. 0
    /// to 24 h.
    std::chrono::milliseconds cool_down = std::chrono::seconds(300);
};

}  // namespace penstock
