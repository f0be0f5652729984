#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace penstock {

/// What one thread sleeps by until others have left something for it.
///
/// A wake-up costs more than most items do, so a sleeper naps first: for a short while it wants to be woken only when
/// enough has come together. Those who leave something pay for a wake-up only if it is wanted. `nap` and `sleep` belong
/// to the one sleeper, and both end early after `poke`, also after one that came before them.
class bell {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// Called after `much` was left, with a full barrier between.
    void ring(std::size_t much) noexcept {
        if (state_.load(std::memory_order_seq_cst) != awake) wake_if_wanted(much);
    }

    /// Wakes the sleeper whether or not something was left.
    void poke() noexcept;

    /// Returns when `enough` was left since it began, or when the time has come.
    void nap(std::size_t enough, time_point until) noexcept;

    /// Returns when `there()` holds, or when the time has come. Whoever makes it hold must ring.
    template <class There>
    void sleep(time_point until, There&& there) noexcept {
        std::unique_lock lock(mutex_);
        condition_.wait_until(lock, until, [&] {
            // Before each look: what was left and the ring for it are two steps, so a ring may come for what was taken
            // long ago. It takes the state away all the same, and those behind it would not ring.
            state_.store(asleep, std::memory_order_seq_cst);
            return poked_ || there();
        });
        state_.store(awake, std::memory_order_relaxed);
        poked_ = false;
    }

private:
    enum state : unsigned char { awake, napping, asleep };

    void wake_if_wanted(std::size_t much) noexcept;

    alignas(128) std::atomic<state> state_{awake};
    std::atomic<std::ptrdiff_t> wanting_{0};  ///< During a nap: how much more ends it.
    std::mutex mutex_;
    std::condition_variable condition_;
    bool poked_ = false;
};

}  // namespace penstock
