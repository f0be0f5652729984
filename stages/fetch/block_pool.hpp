#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>

#include "penstock/detail/byte_block.hpp"

namespace penstock::detail {

/// Memory for bodies, used again and again: they are filled on one thread and let go on others, which costs malloc
/// dear. One thread, the owner's, takes blocks; any thread gives them back, and a block may outlive the owner.
class block_pool {
public:
    static constexpr std::size_t smallest = 4096;
    /// Larger blocks are not kept: what is done with so many bytes costs more than their memory does.
    static constexpr std::size_t largest = std::size_t{64} << 10;
    /// The most bytes that lie unused in the pool.
    static constexpr std::size_t most_kept = std::size_t{8} << 20;

    struct retirer {
        void operator()(block_pool* pool) const noexcept { pool->retire(); }
    };
    using owner = std::unique_ptr<block_pool, retirer>;
    /// Throws `std::bad_alloc`.
    static owner make() { return owner(new block_pool()); }

    /// A block of at least this capacity. Throws `std::bad_alloc`.
    owned_block take(std::size_t capacity);

    /// Any thread.
    void give_back(byte_block& block) noexcept;

    std::size_t bytes_kept() const noexcept { return kept_; }

private:
    static constexpr std::size_t size_count = 5;
    static_assert(smallest << (size_count - 1) == largest);

    block_pool() = default;
    ~block_pool() = default;
    void retire() noexcept;
    void keep(byte_block& block) noexcept;
    void collect() noexcept;

    std::array<byte_block*, size_count> free_{};  // Linked by `next`: each size, twice that of the one before.
    std::size_t kept_ = 0;
    std::ptrdiff_t out_ = 0;  // Blocks that have been taken and not yet collected.
    alignas(128) std::atomic<byte_block*> returned_{nullptr};
    /// After the owner's end: how many blocks are still out. Those that come back before it has said how many there
    /// were make this negative; who makes it 0 is the last.
    std::atomic<std::ptrdiff_t> left_{0};
};

}  // namespace penstock::detail
