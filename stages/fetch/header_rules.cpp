#include "header_rules.hpp"

#include <algorithm>
#include <array>

#include "ascii.hpp"
#include "split_url.hpp"

namespace penstock::fetch_stage {

namespace {

/// Fields that belong to a connection and not to a request, and those that say where a body ends.
constexpr std::array<std::string_view, 11> of_the_connection = {
    "Connection", "Content-Length",    "Expect",  "Host", "HTTP2-Settings", "Keep-Alive", "TE",
    "Trailer",    "Transfer-Encoding", "Upgrade", "Via"};

constexpr std::array<std::string_view, 3> without_secrets = {"Accept", "Accept-Language", "User-Agent"};

template <std::size_t Size>
bool is_one_of(const std::array<std::string_view, Size>& names, std::string_view name) noexcept {
    return std::any_of(names.begin(), names.end(), [&](std::string_view one) { return same_name(one, name); });
}

bool is_token(std::string_view name) noexcept {
    return !name.empty() && std::all_of(name.begin(), name.end(), is_token_character);
}

}  // namespace

bool is_token_character(char c) noexcept {
    return is_letter(c) || is_digit(c)
           || (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

std::string_view problem_of(const header& field) noexcept {
    if (field.name.empty()) return "has no name";
    if (!is_token(field.name)) {
        return "has a character in its name that is not allowed there; letters, digits and hyphens are";
    }
    if (field.value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
        return "has a line break or NUL in its value";
    }
    if (is_one_of(of_the_connection, field.name) || same_name(std::string_view(field.name).substr(0, 6), "Proxy-")) {
        return "belongs to the connection and is set by fetch alone; leave it out";
    }
    return {};
}

std::string show_header(const header& field, std::size_t number) {
    return "header " + (is_token(field.name) ? '"' + show_url(field.name) + '"' : std::to_string(number));
}

bool may_change_origin(std::string_view name) noexcept { return is_one_of(without_secrets, name); }

}  // namespace penstock::fetch_stage
