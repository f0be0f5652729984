#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace penstock {

/// What one thread sleeps by until others have left something for it.
///
/// A wake-up costs more than most items do, so the sleeper naps first: for a short while it wants to be woken only when
/// enough has come together. After that the first thing left wakes it. Those who leave something pay for a wake-up only
/// if it is wanted.
class bell {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// `enough` things end a nap, which lasts no longer than `nap`.
    bell(std::size_t enough, std::chrono::nanoseconds nap) : enough_(enough), nap_(nap) {}

    /// Called after `much` was left, with a full barrier between.
    void ring(std::size_t much) noexcept {
        if (state_.load(std::memory_order_seq_cst) != awake) wake_if_wanted(much);
    }

    /// Wakes the sleeper whether or not something was left, or keeps its next sleep from beginning.
    void poke() noexcept;

    /// Sleeps until `there()` holds and the nap is over, until `poke`, or until the time has come. One thread.
    template <class There>
    void wait_until(time_point until, There&& there) noexcept {
        std::unique_lock lock(mutex_);
        if (enough_ > 1 && !poked_) {
            left_.store(0, std::memory_order_relaxed);
            state_.store(napping, std::memory_order_seq_cst);
            condition_.wait_until(lock, std::min(until, std::chrono::steady_clock::now() + nap_),
                                  [this] { return poked_ || state_.load(std::memory_order_relaxed) == awake; });
        }
        state_.store(asleep, std::memory_order_seq_cst);
        condition_.wait_until(lock, until, [&] { return poked_ || there(); });
        state_.store(awake, std::memory_order_relaxed);
        poked_ = false;
    }

private:
    enum state : unsigned char { awake, napping, asleep };

    void wake_if_wanted(std::size_t much) noexcept;

    const std::size_t enough_;
    const std::chrono::nanoseconds nap_;
    alignas(128) std::atomic<state> state_{awake};
    std::atomic<std::size_t> left_{0};  ///< During a nap: how much has been left.
    std::mutex mutex_;
    std::condition_variable condition_;
    bool poked_ = false;
};

}  // namespace penstock
