#pragma once

#include <algorithm>
#include <string_view>

namespace penstock::fetch_stage {

/// ASCII only, whatever the locale: names of schemes, hosts and header fields.
constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) noexcept { return lower(c) >= 'a' && lower(c) <= 'z'; }

/// True for blanks and control characters, which may not stand in a URL.
constexpr bool is_blank_or_control(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7f;
}

/// Equal but for the case of letters.
constexpr bool same_name(std::string_view one, std::string_view other) noexcept {
    return one.size() == other.size()
           && std::equal(one.begin(), one.end(), other.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

constexpr std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && is_blank_or_control(text.back())) text.remove_suffix(1);
    return text;
}

}  // namespace penstock::fetch_stage
