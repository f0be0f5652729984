#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock {

/// BLAKE2b with a digest of 16 bytes and no key (RFC 7693). A hash that nobody can make collide: URLs come from pages
/// that others write, and an item whose key somebody else's has would be skipped. A URL is one block, about 0.3 µs.
class blake2b {
public:
    using digest = std::array<unsigned char, 16>;

    blake2b() noexcept;

    void add(std::string_view bytes) noexcept;

    /// The hash of all that was added. Once.
    digest finish() noexcept;

private:
    static constexpr std::size_t block_size = 128;

    void compress(bool last) noexcept;

    std::array<std::uint64_t, 8> state_;
    std::array<unsigned char, block_size> block_{};
    std::size_t filled_ = 0;     ///< Bytes in `block_`; a full one waits until it is known whether it is the last.
    std::uint64_t counted_ = 0;  ///< Bytes in all. Nobody hashes 2⁶⁴.
};

}  // namespace penstock
