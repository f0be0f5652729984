#include "retry_policy.hpp"

#include <algorithm>
#include <cmath>

namespace penstock::fetch_stage {

std::variant<time_point, giving_up> retry_policy::next(unsigned attempts, time_point now, time_point deadline,
                                                       double draw, std::chrono::seconds retry_after) const noexcept {
    if (attempts > retries_) return giving_up::no_attempts_left;
    if (retry_after > max_backoff_) return giving_up::asked_for_too_much;
    const double longest = std::min(static_cast<double>(backoff_.count()) * std::pow(factor_, attempts - 1.0),
                                    static_cast<double>(max_backoff_.count()));
    const std::chrono::duration<double, std::milli> drawn(longest * (0.5 + 0.5 * draw));
    const auto wait =
        std::max(std::chrono::duration_cast<std::chrono::nanoseconds>(drawn), std::chrono::nanoseconds(retry_after));
    // Compared as a rest, since a sum could leave the clock's range.
    if (wait >= deadline - now) return giving_up::no_time_left;
    return now + wait;
}

}  // namespace penstock::fetch_stage
