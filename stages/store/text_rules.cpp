#include "text_rules.hpp"

#include <simdjson.h>

#include <cstdint>
#include <cstring>

namespace penstock::detail {
namespace {

/// True if every byte is 1 to 127: no NUL, and ASCII.
bool is_plain(std::string_view text) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t tops = 0x8080808080808080;
    const char* at = text.data();
    std::size_t left = text.size();
    std::uint64_t word = 0;
    for (; left >= sizeof word; at += sizeof word, left -= sizeof word) {
        std::memcpy(&word, at, sizeof word);
        // A zero byte borrows and so sets its top bit; other ASCII bytes leave all top bits clear.
        if (((word | (word - ones)) & tops) != 0) return false;
    }
    word = ones;
    if (left != 0) std::memcpy(&word, at, left);
    return ((word | (word - ones)) & tops) == 0;
}

}  // namespace

std::string_view why_text_is_refused(std::string_view text) noexcept {
    if (text.size() > max_cell_bytes) return "the text is longer than 1,000,000,000 bytes";
    if (is_plain(text)) return {};
    if (std::memchr(text.data(), '\0', text.size()) != nullptr) return "the text holds a NUL byte";
    if (!simdjson::validate_utf8(text.data(), text.size())) return "the text is not valid UTF-8";
    return {};
}

}  // namespace penstock::detail
