#include "cookie_date.hpp"

#include <algorithm>
#include <array>

#include "ascii.hpp"

namespace penstock::fetch_stage {

namespace {

constexpr bool is_delimiter(char c) noexcept {
    return c == '\t' || (c >= ' ' && c <= '/') || (c >= ';' && c <= '@') || (c >= '[' && c <= '`')
           || (c >= '{' && c <= '~');
}

/// Takes a number of so many digits from the front. Nothing, and the text as it was, if there are fewer or more.
std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) noexcept {
    std::size_t digits = 0;
    int number = 0;
    while (digits < text.size() && is_digit(text[digits]) && digits <= most)
        number = number * 10 + (text[digits++] - '0');
    if (digits < least || digits > most) return std::nullopt;
    text.remove_prefix(digits);
    return number;
}

/// The hours, minutes and seconds of "8:49:37", whether there is such a time or not.
std::optional<std::array<int, 3>> time_of_day(std::string_view token) noexcept {
    std::array<int, 3> parts{};
    for (std::size_t at = 0; at < parts.size(); ++at) {
        if (at != 0 && !token.starts_with(':')) return std::nullopt;
        if (at != 0) token.remove_prefix(1);
        const auto number = take_number(token, 1, 2);
        if (!number) return std::nullopt;
        parts[at] = *number;
    }
    return parts;
}

/// 1 for "Jan", "JANUARY" and the like.
std::optional<unsigned> month_of(std::string_view token) noexcept {
    constexpr std::array<std::string_view, 12> names{"jan", "feb", "mar", "apr", "may", "jun",
                                                     "jul", "aug", "sep", "oct", "nov", "dec"};
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](std::string_view name) { return same_name(name, token.substr(0, 3)); });
    if (found == names.end()) return std::nullopt;
    return static_cast<unsigned>(found - names.begin()) + 1;
}

constexpr int full_year(int year) noexcept {
    if (year >= 100) return year;
    return year + (year >= 70 ? 1900 : 2000);
}

}  // namespace

std::optional<std::chrono::sys_seconds> read_cookie_date(std::string_view text) noexcept {
    std::optional<std::array<int, 3>> time;
    std::optional<int> day;
    std::optional<unsigned> month;
    std::optional<int> year;
    while (!text.empty()) {
        const auto end = std::find_if(text.begin(), text.end(), is_delimiter);
        std::string_view token = text.substr(0, static_cast<std::size_t>(end - text.begin()));
        text.remove_prefix(std::min(token.size() + 1, text.size()));
        // What a token can be it is, if that is still wanted.
        if (!time && (time = time_of_day(token))) continue;
        if (!day && (day = take_number(token, 1, 2))) continue;
        if (!month && (month = month_of(token))) continue;
        if (!year) year = take_number(token, 2, 4);
    }
    if (!time || !day || !month || !year) return std::nullopt;
    const int full = full_year(*year);
    const std::chrono::year_month_day date{std::chrono::year(full), std::chrono::month(*month),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    const auto [hours, minutes, seconds] = *time;
    if (hours > 23 || minutes > 59 || seconds > 59 || full < 1601 || !date.ok()) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::seconds((hours * 60 + minutes) * 60 + seconds);
}

}  // namespace penstock::fetch_stage
