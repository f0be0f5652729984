#include "penstock/padded_bytes.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace penstock {

namespace {

/// Gives a block more room, its first bytes as they were. Throws `std::bad_alloc`, and has done nothing then.
void enlarge(detail::owned_block& block, std::size_t used, std::size_t capacity) {
    if (block == nullptr || block->home != nullptr) {
        detail::owned_block larger = detail::make_block(capacity);
        if (used != 0) std::memcpy(larger->bytes(), block->bytes(), used);
        block = std::move(larger);
        return;
    }
    void* const grown = std::realloc(block.get(), sizeof(detail::byte_block) + capacity);
    if (grown == nullptr) throw std::bad_alloc();
    (void)block.release();
    block.reset(static_cast<detail::byte_block*>(grown));
    block->capacity = capacity;
}

}  // namespace

void padded_bytes::reserve(std::size_t size) {
    if (size + padding > capacity()) enlarge(block_, size_, size + padding);
}

void padded_bytes::append(std::string_view bytes) {
    if (bytes.empty()) return;
    if (size_ + bytes.size() + padding > capacity()) reserve(std::max(size_ + bytes.size(), 2 * size_));
    std::memcpy(block_->bytes() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    std::memset(block_->bytes() + size_, 0, padding);
}

void padded_bytes::keep_behind(std::initializer_list<std::string_view> texts) {
    std::size_t wanted = size_;
    for (const std::string_view text : texts) wanted += text.size();
    reserve(wanted);
    if (size_ == 0) std::memset(block_->bytes(), 0, padding);
    char* at = block_->bytes() + size_ + padding;
    for (const std::string_view text : texts) at = std::copy(text.begin(), text.end(), at);
}

}  // namespace penstock
