#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace penstock::detail {

/// Bytes that are written in place, behind each other: `room` says where, `end_at` how far. A string would have each
/// cell made elsewhere first and then appended. One thread.
class wire_buffer {
public:
    /// Where the next bytes go, with room for so many; good until the next call. What was written there counts once
    /// `end_at` was told. Throws `std::bad_alloc`.
    char* room(std::size_t bytes) {
        if (capacity_ - size_ < bytes) grow(bytes);
        return bytes_.get() + size_;
    }
    /// Where the bytes now end: behind the last one that was written into the room.
    void end_at(const char* end) noexcept { size_ = static_cast<std::size_t>(end - bytes_.get()); }

    /// Throws `std::bad_alloc`.
    void append(std::string_view text) {
        char* const at = room(text.size());
        if (!text.empty()) std::memcpy(at, text.data(), text.size());
        size_ += text.size();
    }
    /// Throws `std::bad_alloc`.
    void push_back(char letter) {
        *room(1) = letter;
        ++size_;
    }

    void clear() noexcept { size_ = 0; }
    /// The last byte. Only if there is one.
    char& back() noexcept { return bytes_[size_ - 1]; }
    std::size_t capacity() const noexcept { return capacity_; }
    std::string_view view() const noexcept { return {bytes_.get(), size_}; }

private:
    void grow(std::size_t bytes) {
        const std::size_t larger = std::max(2 * capacity_, size_ + bytes);
        auto memory = std::make_unique_for_overwrite<char[]>(larger);
        if (size_ != 0) std::memcpy(memory.get(), bytes_.get(), size_);
        bytes_ = std::move(memory);
        capacity_ = larger;
    }

    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace penstock::detail
