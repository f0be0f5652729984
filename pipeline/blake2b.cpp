#include "blake2b.hpp"

#include <algorithm>
#include <bit>

namespace penstock {

namespace {

/// The initialisation vector and the order of words by round, from RFC 7693, 2.6 and 2.7.
constexpr std::array<std::uint64_t, 8> start = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                                0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                                0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
constexpr unsigned char order[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

constexpr std::uint64_t digest_size = 16;

std::uint64_t read_word(const unsigned char* from) noexcept {
    std::uint64_t word = 0;
    for (int byte = 7; byte >= 0; --byte) word = word << 8 | from[byte];
    return word;
}

void mix(std::uint64_t& a, std::uint64_t& b, std::uint64_t& c, std::uint64_t& d, std::uint64_t x,
         std::uint64_t y) noexcept {
    a += b + x;
    d = std::rotr(d ^ a, 32);
    c += d;
    b = std::rotr(b ^ c, 24);
    a += b + y;
    d = std::rotr(d ^ a, 16);
    c += d;
    b = std::rotr(b ^ c, 63);
}

}  // namespace

blake2b::blake2b() noexcept : state_(start) { state_[0] ^= 0x01010000 ^ digest_size; }

void blake2b::add(std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        if (filled_ == block_size) {
            compress(false);
            filled_ = 0;
        }
        const std::size_t part = std::min(bytes.size(), block_size - filled_);
        std::copy_n(bytes.begin(), part, block_.begin() + static_cast<std::ptrdiff_t>(filled_));
        filled_ += part;
        counted_ += part;
        bytes.remove_prefix(part);
    }
}

blake2b::digest blake2b::finish() noexcept {
    std::fill(block_.begin() + static_cast<std::ptrdiff_t>(filled_), block_.end(), static_cast<unsigned char>(0));
    compress(true);
    digest made{};
    for (std::size_t byte = 0; byte < digest_size; ++byte)
        made[byte] = static_cast<unsigned char>(state_[byte / 8] >> (8 * (byte % 8)));
    return made;
}

void blake2b::compress(bool last) noexcept {
    std::array<std::uint64_t, 16> words{};
    for (std::size_t at = 0; at < words.size(); ++at) words[at] = read_word(&block_[8 * at]);
    std::array<std::uint64_t, 16> v{};
    for (std::size_t at = 0; at < 8; ++at) {
        v[at] = state_[at];
        v[at + 8] = start[at];
    }
    v[12] ^= counted_;
    if (last) v[14] = ~v[14];
    for (int round = 0; round < 12; ++round) {
        const unsigned char* s = order[round % 10];
        mix(v[0], v[4], v[8], v[12], words[s[0]], words[s[1]]);
        mix(v[1], v[5], v[9], v[13], words[s[2]], words[s[3]]);
        mix(v[2], v[6], v[10], v[14], words[s[4]], words[s[5]]);
        mix(v[3], v[7], v[11], v[15], words[s[6]], words[s[7]]);
        mix(v[0], v[5], v[10], v[15], words[s[8]], words[s[9]]);
        mix(v[1], v[6], v[11], v[12], words[s[10]], words[s[11]]);
        mix(v[2], v[7], v[8], v[13], words[s[12]], words[s[13]]);
        mix(v[3], v[4], v[9], v[14], words[s[14]], words[s[15]]);
    }
    for (std::size_t at = 0; at < 8; ++at) state_[at] ^= v[at] ^ v[at + 8];
}

}  // namespace penstock
