#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace penstock {

/// Bytes with 64 bytes of room behind them that may be read, as simdjson wants its input. Owns its memory; moving it
/// copies nothing. Not for sharing: one thread at a time.
class padded_bytes {
public:
    /// What simdjson reads past the end at the most (its SIMDJSON_PADDING, checked where simdjson is included).
    static constexpr std::size_t padding = 64;

    padded_bytes() = default;
    explicit padded_bytes(std::string_view text) { append(text); }

    const char* data() const noexcept { return bytes_.get(); }
    std::size_t size() const noexcept { return size_; }
    /// Bytes that may be read, padding included.
    std::size_t capacity() const noexcept { return capacity_; }
    std::string_view view() const noexcept { return {bytes_.get(), size_}; }

    /// Makes room for a text of this size, without a further allocation until it is exceeded. Throws `std::bad_alloc`.
    void reserve(std::size_t size);

    /// Adds bytes at the end; the room at least doubles when it runs out. Throws `std::bad_alloc`.
    void append(std::string_view bytes);

    /// Forgets the bytes and keeps the memory.
    void clear() noexcept { size_ = 0; }

private:
    struct freer {
        void operator()(char* bytes) const noexcept { std::free(bytes); }
    };
    std::unique_ptr<char[], freer> bytes_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace penstock
