#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Texts looked at eight bytes at a time. Where a subtraction borrows, the top bit of its byte is set.

namespace penstock::detail {

inline constexpr std::uint64_t ones = 0x0101010101010101;
inline constexpr std::uint64_t tops = 0x8080808080808080;

inline std::uint64_t word_at(const char* at) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
}

/// True if no word of the text is found; a text of less than a word is filled up with 'x'.
template <class Finds>
bool no_word(std::string_view text, Finds is_found) noexcept {
    constexpr std::size_t step = sizeof(std::uint64_t);
    if (text.size() < step) {
        std::uint64_t word = ones * 'x';
        if (!text.empty()) std::memcpy(&word, text.data(), text.size());
        return !is_found(word);
    }
    const char* const last = text.data() + text.size() - step;
    for (const char* at = text.data(); at < last; at += step)
        if (is_found(word_at(at))) return false;
    return !is_found(word_at(last));  // It overlaps the one before.
}

}  // namespace penstock::detail
