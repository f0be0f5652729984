#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "retry_policy.hpp"

namespace penstock::fetch_stage {

/// A rate of requests with bursts: a token bucket, of which only one point in time need be kept for each that has the
/// rate (the generic cell rate algorithm). Immutable, without clock.
class pace {
public:
    /// No bound.
    pace() = default;
    /// `rate` a second, 0.0001 to 1,000,000, and so many at once after a rest, 1 to 100,000.
    pace(std::optional<double> rate, unsigned burst) noexcept {
        if (!rate) return;
        interval_ = std::chrono::duration_cast<time_point::duration>(std::chrono::duration<double>(1 / *rate));
        // Who sleeps by the millisecond makes up for what came due meanwhile.
        constexpr time_point::duration nap = std::chrono::milliseconds(2);
        tolerance_ = std::max(interval_ * (burst - 1), interval_ < nap ? nap : time_point::duration(0));
    }

    bool bounded() const noexcept { return interval_.count() != 0; }

    /// What is kept: when the requests so far would have been sent if they came evenly.
    using account = time_point;

    /// When the next may be sent.
    time_point next(account sent) const noexcept { return sent - tolerance_; }
    /// One is sent.
    void send(account& sent, time_point now) const noexcept { sent = std::max(sent, now) + interval_; }
    /// One that counts as sent `then` was not. What has passed since is not given back: an account at rest would not
    /// have gained by it, so the rate is kept by what is sent, whatever is given back.
    void give_back(account& sent, time_point then, time_point now) const noexcept {
        sent -= std::max(time_point::duration(0), interval_ - (now - then));
    }

private:
    time_point::duration interval_{0};
    time_point::duration tolerance_{0};
};

}  // namespace penstock::fetch_stage
