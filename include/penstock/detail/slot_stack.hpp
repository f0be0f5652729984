#pragma once

#include <atomic>

#include "penstock/detail/slot.hpp"

namespace penstock::detail {

/// A lock-free place to leave slots: any thread pushes, one thread takes everything at once. Since nothing is ever
/// popped singly, the ABA problem of such stacks cannot arise. What one thread pushed comes out in its order.
class slot_stack {
public:
    /// Leaves a chain; a full barrier, so that a flag read after it is not older than the push.
    void push(slot_chain items) noexcept {
        if (items.empty()) return;
        // The stack is newest first: reverse the chain here, where it is short and in the cache.
        slot* const bottom = items.first();
        slot* newest = nullptr;
        while (slot* one = items.pop_front()) {
            one->next = newest;
            newest = one;
        }
        slot* head = head_.load(std::memory_order_relaxed);
        do {
            bottom->next = head;
        } while (!head_.compare_exchange_weak(head, newest, std::memory_order_seq_cst, std::memory_order_relaxed));
    }

    /// Takes everything, oldest first.
    slot_chain take_all() noexcept {
        if (empty()) return {};
        slot* newest = head_.exchange(nullptr, std::memory_order_acquire);
        slot* oldest = nullptr;
        while (newest != nullptr) {
            slot* const older = newest->next;
            newest->next = oldest;
            oldest = newest;
            newest = older;
        }
        slot_chain items;
        while (oldest != nullptr) {
            slot* const younger = oldest->next;
            items.push_back(*oldest);
            oldest = younger;
        }
        return items;
    }

    bool empty() const noexcept { return head_.load(std::memory_order_seq_cst) == nullptr; }

private:
    alignas(128) std::atomic<slot*> head_{nullptr};
};

}  // namespace penstock::detail
