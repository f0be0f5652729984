#pragma once

#include <atomic>

#include "penstock/detail/slot.hpp"

namespace penstock::detail {

/// A lock-free place to leave slots: any thread pushes, one thread takes everything at once. Since nothing is ever
/// popped singly, the ABA problem of such stacks cannot arise.
class slot_stack {
public:
    /// Leaves a chain as it is: what is pushed last is taken first. A full barrier, so that a flag read after it is not
    /// older than the push.
    void push(slot_chain items) noexcept {
        if (items.empty()) return;
        slot* const bottom = items.last();
        slot* head = head_.load(std::memory_order_relaxed);
        do {
            bottom->next = head;
        } while (
            !head_.compare_exchange_weak(head, items.first(), std::memory_order_seq_cst, std::memory_order_relaxed));
    }

    /// Leaves a chain so that `take_all_in_order` brings it out oldest first, and what one thread pushed in its order.
    void push_in_order(slot_chain items) noexcept { push(reversed(items.first())); }

    /// Takes everything, in no particular order; the chain is linked but not counted. Null if there is nothing.
    slot* take_all() noexcept {
        if (empty()) return nullptr;
        return head_.exchange(nullptr, std::memory_order_acquire);
    }

    /// Takes everything that `push_in_order` left, oldest first.
    slot_chain take_all_in_order() noexcept { return reversed(take_all()); }

    bool empty() const noexcept { return head_.load(std::memory_order_seq_cst) == nullptr; }

private:
    static slot_chain reversed(slot* first) noexcept {
        slot_chain turned;
        while (first != nullptr) {
            slot* const next = first->next;
            turned.push_front(*first);
            first = next;
        }
        return turned;
    }

    alignas(128) std::atomic<slot*> head_{nullptr};
};

}  // namespace penstock::detail
