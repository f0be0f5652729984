#pragma once

#include <chrono>

namespace penstock {

/// When fetch takes a target for dead and stops asking it. A target is a request's origin, or its `request::target`.
///
/// A failure is an attempt that the target spoiled: a status from 500 to 599, an answer that was cut, a connection that
/// was lost or could not be made, a host that was not found, an attempt whose time ran out. Faults of a proxy and of
/// this machine, 429, and a stop count neither way; every other answer is a success. The direct line counts as one
/// proxy, so without proxies the breaker stays closed unless `min_distinct_proxies` is 1.
struct breaker_options {
    /// So many failures in a row open the breaker, 1 to 1,000,000, if they came through so many proxies, 1 to 1,000.
    unsigned max_target_failures = 3;
    unsigned min_distinct_proxies = 2;

    /// How long it stays open, 1 ms to 24 h. Then one single attempt goes, the probe: a success closes the breaker, a
    /// failure opens it for as long again.
    std::chrono::milliseconds open_for = std::chrono::seconds(60);

    /// What becomes of items while it is open: they are dead at once, or they are held until it closes or their time is
    /// over. At most `fetch_options::parked_share` of the queue is held, for all targets together; those beyond are
    /// dead also then.
    enum class when_open : unsigned char { dead_letter, hold };
    when_open items = when_open::dead_letter;
};

}  // namespace penstock
