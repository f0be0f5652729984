#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "penstock/detail/slot_stack.hpp"

namespace penstock {

/// A `slot_stack` whose one reader can sleep until something is there. Writers pay for a wake-up only if it sleeps.
class mailbox {
public:
    void push(detail::slot_chain items) noexcept;

    /// Takes everything, oldest first; does not wait.
    detail::slot_chain take_all() noexcept { return left_.take_all(); }

    /// Takes everything; if there is nothing, waits until there is, until `poke`, or until the time has come. May come
    /// back with nothing.
    detail::slot_chain wait_until(std::chrono::steady_clock::time_point until) noexcept;

    /// Wakes the reader, or keeps its next wait from sleeping.
    void poke() noexcept;

private:
    void wake() noexcept;

    detail::slot_stack left_;
    std::atomic<bool> asleep_{false};
    std::mutex mutex_;
    std::condition_variable bell_;
    bool poked_ = false;
};

}  // namespace penstock
