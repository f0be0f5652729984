#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "penstock/detail/byte_block.hpp"

namespace penstock {

/// Bytes with 64 bytes of room behind them that may be read, as simdjson wants its input. Owns its memory; moving it
/// copies nothing. Not for sharing: one thread at a time, but any, and for as long as it pleases.
class padded_bytes {
public:
    /// What simdjson reads past the end at the most (its SIMDJSON_PADDING, checked where simdjson is included).
    static constexpr std::size_t padding = 64;

    padded_bytes() = default;
    explicit padded_bytes(std::string_view text) { append(text); }
    /// Empty, in memory that is at hand.
    explicit padded_bytes(detail::owned_block memory) noexcept : block_(std::move(memory)) {}
    padded_bytes(padded_bytes&& from) noexcept : block_(std::move(from.block_)), size_(std::exchange(from.size_, 0)) {}
    padded_bytes& operator=(padded_bytes&& from) noexcept {
        block_ = std::move(from.block_);
        size_ = std::exchange(from.size_, 0);
        return *this;
    }

    const char* data() const noexcept { return block_ ? block_->bytes() : nullptr; }
    std::size_t size() const noexcept { return size_; }
    /// Bytes that may be read, padding included.
    std::size_t capacity() const noexcept { return block_ ? block_->capacity : 0; }
    std::string_view view() const noexcept { return {data(), size_}; }

    /// Makes room for a text of this size, without a further allocation until it is exceeded. Throws `std::bad_alloc`.
    void reserve(std::size_t size);

    /// Adds bytes at the end; the room at least doubles when it runs out. Throws `std::bad_alloc`.
    void append(std::string_view bytes);

    /// Forgets the bytes and keeps the memory.
    void clear() noexcept { size_ = 0; }

private:
    friend class page;
    /// Keeps texts behind the padding, one after the other, for as long as nothing is appended. Throws
    /// `std::bad_alloc`.
    void keep_behind(std::initializer_list<std::string_view> texts);
    const char* behind() const noexcept { return data() + size_ + padding; }

    detail::owned_block block_;
    std::size_t size_ = 0;
};

}  // namespace penstock
