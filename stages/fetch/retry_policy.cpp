#include "retry_policy.hpp"

#include <algorithm>
#include <cmath>

namespace penstock::fetch_stage {

std::chrono::nanoseconds retry_policy::drawn(unsigned attempts, double draw) const noexcept {
    const double longest = std::min(static_cast<double>(backoff_.count()) * std::pow(factor_, attempts - 1.0),
                                    static_cast<double>(max_backoff_.count()));
    const std::chrono::duration<double, std::milli> wait(longest * (0.5 + 0.5 * draw));
    return std::chrono::duration_cast<std::chrono::nanoseconds>(wait);
}

std::variant<time_point, giving_up> retry_policy::next(unsigned attempts, time_point now, time_point deadline,
                                                       double draw, std::chrono::seconds retry_after) const noexcept {
    if (attempts > retries_) return giving_up::no_attempts_left;
    if (retry_after > max_backoff_) return giving_up::asked_for_too_much;
    const auto wait = std::max(drawn(attempts, draw), std::chrono::nanoseconds(retry_after));
    // Compared as a rest, since a sum could leave the clock's range.
    if (wait < deadline - now) return now + wait;
    return retry_after.count() > 0 && retry_after >= deadline - now ? giving_up::asked_for_too_much
                                                                    : giving_up::no_time_left;
}

std::chrono::nanoseconds retry_policy::pause(unsigned attempts, double draw,
                                             std::chrono::seconds retry_after) const noexcept {
    const auto asked = std::min<std::chrono::milliseconds>(retry_after, max_backoff_);
    return std::max<std::chrono::nanoseconds>(drawn(attempts, draw), asked);
}

}  // namespace penstock::fetch_stage
