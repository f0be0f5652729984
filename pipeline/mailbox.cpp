#include "mailbox.hpp"

#include <utility>

namespace penstock {

void mailbox::push(detail::slot_chain items) noexcept {
    if (items.empty()) return;
    left_.push(items);
    if (asleep_.load(std::memory_order_seq_cst)) wake();
}

detail::slot_chain mailbox::wait_until(std::chrono::steady_clock::time_point until) noexcept {
    if (auto items = left_.take_all(); !items.empty()) return items;
    {
        std::unique_lock lock(mutex_);
        asleep_.store(true, std::memory_order_seq_cst);
        bell_.wait_until(lock, until, [this] { return poked_ || !left_.empty(); });
        asleep_.store(false, std::memory_order_relaxed);
        poked_ = false;
    }
    return left_.take_all();
}

void mailbox::poke() noexcept {
    {
        const std::lock_guard lock(mutex_);
        poked_ = true;
    }
    bell_.notify_one();
}

void mailbox::wake() noexcept {
    // Whoever takes the flag away rings; the others need not.
    if (!asleep_.exchange(false, std::memory_order_seq_cst)) return;
    { const std::lock_guard lock(mutex_); }  // The reader is past its look at the stack, so the bell reaches it.
    bell_.notify_one();
}

}  // namespace penstock
