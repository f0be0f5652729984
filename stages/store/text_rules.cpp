#include "text_rules.hpp"

#include <simdjson.h>

#include <cstdint>
#include <cstring>

namespace penstock::detail {
namespace {

constexpr std::uint64_t ones = 0x0101010101010101;
constexpr std::uint64_t tops = 0x8080808080808080;

std::uint64_t word_at(const char* at) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
}

/// Zero if every byte of the word is ASCII from 14 on, but no backslash. It may also be a false alarm.
std::uint64_t not_plain(std::uint64_t word) noexcept {
    // Where a subtraction borrows, the top bit of its byte is set; ASCII has none of its own.
    const std::uint64_t without_backslash = word ^ (ones * '\\');
    return (word | (word - ones * 14) | (without_backslash - ones)) & tops;
}

/// True if every byte is 1 to 127: no NUL, and ASCII.
bool is_ascii(std::string_view text) noexcept {
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= sizeof(std::uint64_t); at += sizeof(std::uint64_t), left -= sizeof(std::uint64_t)) {
        const std::uint64_t word = word_at(at);
        // A zero byte borrows and so sets its top bit; other ASCII bytes leave all top bits clear.
        if (((word | (word - ones)) & tops) != 0) return false;
    }
    std::uint64_t word = ones;
    if (left != 0) std::memcpy(&word, at, left);
    return ((word | (word - ones)) & tops) == 0;
}

}  // namespace

bool is_plain(std::string_view text) noexcept {
    constexpr std::size_t step = sizeof(std::uint64_t);
    if (text.size() < step) {
        std::uint64_t word = ones * 'x';
        if (!text.empty()) std::memcpy(&word, text.data(), text.size());
        return not_plain(word) == 0;
    }
    if (text.size() > max_cell_bytes) return false;
    const char* const last = text.data() + text.size() - step;
    for (const char* at = text.data(); at < last; at += step)
        if (not_plain(word_at(at)) != 0) return false;
    return not_plain(word_at(last)) == 0;  // It overlaps the one before.
}

std::string_view why_text_is_refused(std::string_view text) noexcept {
    if (text.size() > max_cell_bytes) return "the text is longer than 1,000,000,000 bytes";
    if (is_ascii(text)) return {};
    if (std::memchr(text.data(), '\0', text.size()) != nullptr) return "the text holds a NUL byte";
    if (!simdjson::validate_utf8(text.data(), text.size())) return "the text is not valid UTF-8";
    return {};
}

}  // namespace penstock::detail
