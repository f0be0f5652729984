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

/// False if every byte of the word is ASCII from 14 on, but no backslash. True may be a false alarm.
inline bool may_not_be_plain(std::uint64_t word) noexcept {
    // ASCII has no top bit of its own.
    const std::uint64_t without_backslash = word ^ (ones * '\\');
    return ((word | (word - ones * 14) | (without_backslash - ones)) & tops) != 0;
}

/// Copies a text as long as it is what most are: ASCII without backslash and the control characters below 14. No
/// database refuses that, and COPY does not escape it. Null if it is something else, which may be a false alarm; else
/// the end of the copy.
inline char* copy_plain(std::string_view text, char* to) noexcept {
    constexpr std::size_t step = sizeof(std::uint64_t);
    const std::size_t size = text.size();
    if (size < step) {
        std::uint64_t word = ones * 'x';
        for (std::size_t i = 0; i < size; ++i) {
            to[i] = text[i];
            word = word << 8 | static_cast<unsigned char>(text[i]);
        }
        return may_not_be_plain(word) ? nullptr : to + size;
    }
    const auto copy_word = [&](std::size_t at) {
        const std::uint64_t word = word_at(text.data() + at);
        std::memcpy(to + at, &word, step);
        return !may_not_be_plain(word);
    };
    for (std::size_t at = 0; at < size - step; at += step)
        if (!copy_word(at)) return nullptr;
    return copy_word(size - step) ? to + size : nullptr;  // It overlaps the one before.
}

}  // namespace penstock::detail
