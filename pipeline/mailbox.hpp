#pragma once

#include <chrono>
#include <cstddef>

#include "bell.hpp"
#include "penstock/detail/slot_stack.hpp"

namespace penstock {

/// Where items are left for one reader, which can sleep until some are there. What one thread left comes in its order.
class mailbox {
public:
    /// The reader naps for at most `nap` while there are fewer than `enough`.
    mailbox(std::size_t enough, std::chrono::nanoseconds nap) : enough_(enough), nap_(nap) {}

    void push(detail::slot_chain items) noexcept {
        if (items.empty()) return;
        const std::size_t much = items.size();
        left_.push_in_order(items);
        bell_.ring(much);
    }

    /// Takes everything, oldest first; does not wait.
    detail::slot_chain take_all() noexcept { return left_.take_all_in_order(); }

    /// Takes everything, oldest first, after a nap if there is less than enough. If there is nothing even then, waits
    /// for the first to come. Comes back with nothing after `poke` and when the time has come.
    detail::slot_chain wait_until(bell::time_point until) noexcept {
        detail::slot_chain items = take_all();
        if (items.size() < enough_ && enough_ > 1) {
            bell_.nap(enough_ - items.size(), std::chrono::steady_clock::now() + nap_);
            items.append(take_all());
        }
        if (items.empty()) {
            bell_.sleep(until, [this] { return !left_.empty(); });
            items = take_all();
        }
        return items;
    }

    /// Wakes the reader.
    void poke() noexcept { bell_.poke(); }

private:
    const std::size_t enough_;
    const std::chrono::nanoseconds nap_;
    detail::slot_stack left_;
    bell bell_;
};

}  // namespace penstock
