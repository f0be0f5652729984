#include "copy_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "../text_words.hpp"

namespace penstock::detail::postgresql {
namespace {

/// True if a byte of the word may need an escape: a backslash, or any below 14, where the three others are.
bool may_need_escape(std::uint64_t word) noexcept {
    const std::uint64_t below_14 = (word - ones * 14) & ~word;
    const std::uint64_t without_backslash = word ^ (ones * '\\');
    const std::uint64_t backslash = (without_backslash - ones) & ~without_backslash;
    return ((below_14 | backslash) & tops) != 0;
}

/// The letter behind the backslash; 0 if the letter needs none.
char escape_of(char letter) noexcept {
    switch (letter) {
        case '\\': return '\\';
        case '\t': return 't';
        case '\n': return 'n';
        case '\r': return 'r';
        default: return 0;
    }
}

/// How many bytes from the beginning go out as they are.
std::size_t plain_bytes(std::string_view text) noexcept {
    constexpr std::size_t step = sizeof(std::uint64_t);
    std::size_t at = 0;
    while (text.size() - at >= step && !may_need_escape(word_at(text.data() + at))) at += step;
    while (at < text.size() && escape_of(text[at]) == 0) ++at;
    return at;
}

constexpr auto digit_pairs = [] {
    std::array<std::array<char, 2>, 256> pairs{};
    constexpr std::string_view digits = "0123456789abcdef";
    for (std::size_t byte = 0; byte < pairs.size(); ++byte) pairs[byte] = {digits[byte >> 4], digits[byte & 15]};
    return pairs;
}();

}  // namespace

void append_text(std::string& to, std::string_view text) {
    if (no_word(text, may_need_escape)) {
        to.append(text);
        return;
    }
    for (;;) {
        const std::size_t plain = plain_bytes(text);
        to.append(text.data(), plain);
        if (plain == text.size()) return;
        const char escaped[2] = {'\\', escape_of(text[plain])};
        to.append(escaped, sizeof escaped);
        text.remove_prefix(plain + 1);
    }
}

void append_real(std::string& to, double value) {
    if (!std::isfinite(value)) {
        to.append(std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        return;
    }
    char digits[32];
    // Prices and counts have few decimals. A quotient of two whole numbers below 2^53 is rounded once, so if it gives
    // the value back, those decimals read back as it. It takes a third of the time of the general way.
    constexpr double scale = 10'000;
    if (const double scaled = std::fabs(value) * scale; scaled < 1e15 && value != 0) {
        const auto whole = static_cast<std::int64_t>(scaled);
        if (static_cast<double>(whole) / scale == std::fabs(value)) {
            char* at = digits;
            if (value < 0) *at++ = '-';
            at = std::to_chars(at, digits + sizeof digits, whole / 10'000).ptr;
            if (auto decimals = static_cast<unsigned>(whole % 10'000); decimals != 0) {
                *at++ = '.';
                for (unsigned place = 1000; decimals != 0; place /= 10) {
                    *at++ = static_cast<char>('0' + decimals / place);
                    decimals %= place;
                }
            }
            to.append(digits, static_cast<std::size_t>(at - digits));
            return;
        }
    }
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    to.append(digits, static_cast<std::size_t>(end - digits));
}

void append_bytes(std::string& to, std::span<const std::byte> bytes) {
    to.append("\\\\x");
    const std::size_t begin = to.size();
    to.resize(begin + 2 * bytes.size());
    char* at = to.data() + begin;
    for (const std::byte byte : bytes) {
        std::memcpy(at, digit_pairs[static_cast<unsigned char>(byte)].data(), 2);
        at += 2;
    }
}

}  // namespace penstock::detail::postgresql
