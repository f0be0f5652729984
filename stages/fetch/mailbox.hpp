#pragma once

#include <atomic>

#include "penstock/detail/byte_account.hpp"
#include "penstock/detail/slot_stack.hpp"
#include "unique_fd.hpp"

namespace penstock::fetch_stage {

/// What other threads have for the I/O thread: items, and orders to stop. Any thread leaves things; the I/O thread
/// takes them. Waking costs a system call only when the I/O thread sleeps.
class mailbox final : public detail::byte_account::waker {
public:
    enum order : unsigned { none = 0, stop = 1, abandon = 2, close = 4 };

    /// Throws `std::system_error` if there is no descriptor to be had.
    mailbox();

    /// Before the I/O thread starts: forgets the orders and items of a former run.
    void clear() noexcept;

    void leave(detail::slot& item) noexcept {
        items_.push_in_order(detail::slot_chain(item));
        wake();
    }
    void leave(order what) noexcept {
        orders_.fetch_or(what, std::memory_order_seq_cst);
        wake();
    }

    detail::slot_chain take_items() noexcept { return items_.take_all_in_order(); }
    unsigned orders() const noexcept { return orders_.load(std::memory_order_seq_cst); }

    /// The descriptor that becomes readable when there is something for a sleeping I/O thread.
    int bell() const noexcept { return bell_.value(); }
    void silence() noexcept;

    /// The I/O thread says that it is about to sleep; it must not if this returns false, for there is something, or
    /// orders have changed from those that it has seen.
    bool fall_asleep(unsigned orders_seen) noexcept {
        asleep_.store(true, std::memory_order_seq_cst);
        return items_.empty() && orders() == orders_seen;
    }
    /// Any thread: has the I/O thread look around.
    void wake() noexcept override {
        // The stores before are full barriers: either this sees the sleeper, or the sleeper sees what was left.
        if (asleep_.load(std::memory_order_seq_cst) && asleep_.exchange(false, std::memory_order_seq_cst)) ring();
    }
    void awake() noexcept { asleep_.store(false, std::memory_order_relaxed); }

private:
    void ring() noexcept;

    detail::slot_stack items_;
    alignas(128) std::atomic<bool> asleep_{false};
    std::atomic<unsigned> orders_{none};
    unique_fd bell_;
};

}  // namespace penstock::fetch_stage
