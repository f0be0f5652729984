#include "text_rules.hpp"

#include <simdjson.h>

#include <cstdint>
#include <cstring>

#include "text_words.hpp"

namespace penstock::detail {
namespace {

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

std::string_view why_text_is_refused(std::string_view text) noexcept {
    if (text.size() > max_cell_bytes) return "the text is longer than 1,000,000,000 bytes";
    if (is_ascii(text)) return {};
    if (std::memchr(text.data(), '\0', text.size()) != nullptr) return "the text holds a NUL byte";
    if (!simdjson::validate_utf8(text.data(), text.size())) return "the text is not valid UTF-8";
    return {};
}

}  // namespace penstock::detail
