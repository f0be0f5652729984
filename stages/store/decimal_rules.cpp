#include "decimal_rules.hpp"

#include <algorithm>
#include <charconv>

namespace penstock::detail {
namespace {

bool is_digit(char letter) noexcept { return letter >= '0' && letter <= '9'; }

std::string in_small_letters_without_blanks(std::string_view text) {
    std::string small;
    for (const char letter : text)
        if (letter != ' ') small += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
    return small;
}

}  // namespace

std::string why_decimal_is_refused(std::string_view digits, std::optional<unsigned> decimals) {
    // PostgreSQL's own limits are 131,072 before the point and 16,383 behind it.
    if (digits.size() > 100'000) return "a decimal number of more than 100,000 letters";
    std::string_view rest = digits;
    if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
    const std::size_t point = rest.find('.');
    const std::string_view whole = rest.substr(0, point);
    std::string_view fraction = point == rest.npos ? std::string_view() : rest.substr(point + 1);
    const bool digits_only = std::ranges::all_of(whole, is_digit) && std::ranges::all_of(fraction, is_digit);
    if (!digits_only || whole.empty() || (point != rest.npos && fraction.empty()))
        return "no decimal number; one is a sign or none, digits, and perhaps a point and digits";
    while (fraction.ends_with('0')) fraction.remove_suffix(1);
    if (decimals && fraction.size() > *decimals)
        return "a number of " + std::to_string(fraction.size()) + " decimals, of which the column keeps "
               + std::to_string(*decimals);
    return {};
}

std::optional<unsigned> decimals_of(std::string_view sql_type) {
    const std::string type = in_small_letters_without_blanks(sql_type);
    if (!type.starts_with("numeric(") && !type.starts_with("decimal(")) return {};
    const std::size_t comma = type.find(',');
    if (comma == type.npos) return 0;
    unsigned decimals = 0;
    std::from_chars(type.data() + comma + 1, type.data() + type.size(), decimals);
    return decimals;
}

}  // namespace penstock::detail
