#include "retry_schedule.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace penstock::detail {

std::optional<std::chrono::nanoseconds> retry_schedule::after_failure(time_point now, unsigned most_tries,
                                                                      double draw) noexcept {
    using namespace std::chrono_literals;
    if (!std::exchange(timed_, true)) give_up_ = now + retry_for_;
    ++failures_;
    if (most_tries != any_number && ++limited_ >= most_tries) return {};
    if (now >= give_up_) return {};
    constexpr std::chrono::nanoseconds first = 50ms;
    constexpr std::chrono::nanoseconds longest = 2s;
    const std::chrono::nanoseconds pause = std::min(longest, first * (1 << std::min(failures_ - 1, 6U)));
    const std::chrono::nanoseconds drawn(
        static_cast<std::int64_t>(static_cast<double>(pause.count()) * (1 - draw / 2)));
    return std::min(drawn, std::chrono::nanoseconds(give_up_ - now));
}

}  // namespace penstock::detail
