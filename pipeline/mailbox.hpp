#pragma once

#include "bell.hpp"
#include "penstock/detail/slot_stack.hpp"

namespace penstock {

/// Where items are left for one reader, which can sleep until some are there. What one thread left comes in its order.
class mailbox {
public:
    /// See `bell`.
    mailbox(std::size_t enough, std::chrono::nanoseconds nap) : bell_(enough, nap) {}

    void push(detail::slot_chain items) noexcept {
        if (items.empty()) return;
        const std::size_t much = items.size();
        left_.push_in_order(items);
        bell_.ring(much);
    }

    /// Takes everything, oldest first; does not wait.
    detail::slot_chain take_all() noexcept { return left_.take_all_in_order(); }

    /// Takes everything; if there is nothing, waits until there is, until `poke`, or until the time has come. May come
    /// back with nothing.
    detail::slot_chain wait_until(bell::time_point until) noexcept {
        if (left_.empty()) bell_.wait_until(until, [this] { return !left_.empty(); });
        return left_.take_all_in_order();
    }

    /// Wakes the reader.
    void poke() noexcept { bell_.poke(); }

private:
    detail::slot_stack left_;
    bell bell_;
};

}  // namespace penstock
