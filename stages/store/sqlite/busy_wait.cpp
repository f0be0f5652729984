#include "busy_wait.hpp"

#include <algorithm>

namespace penstock::detail::sqlite {

bool busy_wait::wait(int count) noexcept {
    const auto now = std::chrono::steady_clock::now();
    if (count == 0) give_up_ = now + most_;
    if (now >= give_up_) return false;
    // 1, 2, 4, … 32 ms: other writers of this library hold the lock for some milliseconds at a time.
    const std::chrono::milliseconds pause(1 << std::min(count, 5));
    std::unique_lock lock(mutex_);
    wake_.wait_until(lock, std::min(now + pause, give_up_), [this] { return interrupted(); });
    return !interrupted();
}

bool busy_wait::pause(std::chrono::nanoseconds time) noexcept {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, time, [this] { return interrupted(); });
}

void busy_wait::interrupt() noexcept {
    {
        const std::lock_guard lock(mutex_);
        interrupted_.store(true, std::memory_order_relaxed);
    }
    wake_.notify_all();
}

}  // namespace penstock::detail::sqlite
