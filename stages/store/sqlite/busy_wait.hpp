#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace penstock::detail::sqlite {

/// Waits for a lock that another program holds, in place of SQLite's own busy handler, which nothing can wake.
class busy_wait {
public:
    explicit busy_wait(std::chrono::milliseconds most) : most_(most) {}

    /// One wait of many for the same lock; `count` is 0 at the first. False when it is time to give up.
    bool wait(int count) noexcept;

    /// Waits this long; false as soon as it is interrupted.
    bool pause(std::chrono::nanoseconds time) noexcept;

    /// Ends all waiting, now and later. May be called from any thread.
    void interrupt() noexcept;

    /// True once it was interrupted. May be called from any thread.
    bool interrupted() const noexcept { return interrupted_.load(std::memory_order_relaxed); }

private:
    const std::chrono::milliseconds most_;
    std::chrono::steady_clock::time_point give_up_{};
    std::mutex mutex_;
    std::condition_variable wake_;
    std::atomic<bool> interrupted_{false};
};

}  // namespace penstock::detail::sqlite
