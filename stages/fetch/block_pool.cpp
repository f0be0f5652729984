#include "block_pool.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <new>
#include <utility>

namespace penstock::detail {

namespace {

/// Stands where blocks are given back once the owner is gone.
byte_block gone;

std::size_t bytes_of(const byte_block& block) noexcept { return sizeof(byte_block) + block.capacity; }

}  // namespace

owned_block make_block(std::size_t capacity) {
    void* const memory = std::malloc(sizeof(byte_block) + capacity);
    if (memory == nullptr) throw std::bad_alloc();
    return owned_block(::new (memory) byte_block{nullptr, nullptr, capacity});
}

void block_releaser::operator()(byte_block* block) const noexcept {
    if (block->home == nullptr) {
        std::free(block);
    } else {
        block->home->give_back(*block);
    }
}

owned_block block_pool::take(std::size_t capacity) {
    const std::size_t wanted = sizeof(byte_block) + capacity;
    if (wanted > largest) return make_block(capacity);
    const std::size_t size = std::bit_ceil(std::max(wanted, smallest));
    byte_block*& free = free_[static_cast<std::size_t>(std::countr_zero(size / smallest))];
    if (free == nullptr) collect();
    if (free == nullptr) {
        owned_block made = make_block(size - sizeof(byte_block));
        made->home = this;
        ++out_;
        return made;
    }
    kept_ -= size;
    ++out_;
    owned_block taken(std::exchange(free, free->next));
    if (free != nullptr) __builtin_prefetch(free, 1);  // It was last written on another core.
    return taken;
}

void block_pool::collect() noexcept {
    if (returned_.load(std::memory_order_relaxed) == nullptr) return;
    byte_block* block = returned_.exchange(nullptr, std::memory_order_acquire);
    while (block != nullptr) {
        --out_;
        keep(*std::exchange(block, block->next));
    }
}

void block_pool::keep(byte_block& block) noexcept {
    const std::size_t size = bytes_of(block);
    if (kept_ + size > most_kept) return std::free(&block);
    byte_block*& free = free_[static_cast<std::size_t>(std::countr_zero(size / smallest))];
    block.next = std::exchange(free, &block);
    kept_ += size;
}

void block_pool::give_back(byte_block& block) noexcept {
    byte_block* head = returned_.load(std::memory_order_relaxed);
    do {
        if (head == &gone) {
            std::free(&block);
            if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
            return;
        }
        block.next = head;
    } while (!returned_.compare_exchange_weak(head, &block, std::memory_order_release, std::memory_order_relaxed));
}

void block_pool::retire() noexcept {
    for (byte_block* block = returned_.exchange(&gone, std::memory_order_acq_rel); block != nullptr;) {
        --out_;
        std::free(std::exchange(block, block->next));
    }
    for (byte_block* block : free_) {
        while (block != nullptr) std::free(std::exchange(block, block->next));
    }
    const std::ptrdiff_t out = out_;  // With the sum, the pool may be gone.
    if (left_.fetch_add(out, std::memory_order_acq_rel) + out == 0) delete this;
}

}  // namespace penstock::detail
