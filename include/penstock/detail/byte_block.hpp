#pragma once

#include <cstddef>
#include <memory>

namespace penstock::detail {

class block_pool;

/// The head of a piece of memory; its bytes follow it.
struct byte_block {
    block_pool* home = nullptr;  ///< Where it goes back to; null if it is simply freed.
    byte_block* next = nullptr;  ///< The pool's.
    std::size_t capacity = 0;

    char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
};

/// Gives a block back to its pool or frees it. Any thread, also when the pool's owner is long gone.
struct block_releaser {
    void operator()(byte_block* block) const noexcept;
};
using owned_block = std::unique_ptr<byte_block, block_releaser>;

/// A block that belongs to no pool. Throws `std::bad_alloc`.
owned_block make_block(std::size_t capacity);

}  // namespace penstock::detail
