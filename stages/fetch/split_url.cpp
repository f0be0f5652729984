#include "split_url.hpp"

#include <algorithm>

#include "ascii.hpp"
#include "penstock/request.hpp"

namespace penstock::fetch_stage {

namespace {

constexpr unsigned plain_port = 80;
constexpr unsigned tls_port = 443;
constexpr std::size_t longest_shown = 300;
constexpr std::size_t longest_scheme = 20;

constexpr std::string_view blank_or_control = "holds a space or a control character; write it as %20 and the like";

bool holds_blank_or_control(std::string_view text) noexcept {
    bool found = false;
    for (const char c : text) found |= is_blank_or_control(c);  // To its end: the compiler takes many at once.
    return found;
}

bool starts_with(std::string_view url, std::string_view scheme) noexcept {
    return same_name(url.substr(0, scheme.size()), scheme);
}

/// Reads a port; 0 if it is none.
unsigned read_port(std::string_view digits) noexcept {
    unsigned port = 0;
    if (digits.size() > 5 || !std::all_of(digits.begin(), digits.end(), is_digit)) return 0;
    for (const char digit : digits) port = port * 10 + static_cast<unsigned>(digit - '0');
    return port <= 65'535 ? port : 0;
}

std::string_view read_authority(std::string_view authority, split_url& into) noexcept {
    if (authority.find('@') != std::string_view::npos) {
        return "holds a user name or password, which penstock does not send; give a header instead";
    }
    if (authority.find('\\') != std::string_view::npos) return "holds a backslash in its host";
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    into.host = authority.substr(0, colon);
    if (into.host.empty()) return "has no host";
    into.port = into.tls ? tls_port : plain_port;
    if (colon != std::string_view::npos && colon + 1 < authority.size()) {
        into.port = read_port(authority.substr(colon + 1));
        if (into.port == 0) return "has a port that is no number from 1 to 65535";
    }
    return {};
}

void cut_target(std::string_view target, split_url& into) noexcept {
    const std::size_t mark = target.find('?');
    into.path = target.substr(0, mark);
    into.has_query = mark != std::string_view::npos;
    into.query = into.has_query ? target.substr(mark + 1) : std::string_view();
}

}  // namespace

split_url split(std::string_view url) noexcept {
    split_url parts;
    if (url.empty()) {
        parts.problem = "is empty";
        return parts;
    }
    if (holds_blank_or_control(url)) {
        parts.problem = blank_or_control;
        return parts;
    }
    parts.tls = starts_with(url, "https://");
    if (!parts.tls && !starts_with(url, "http://")) {
        parts.problem = "begins neither with http:// nor with https://";
        return parts;
    }
    url.remove_prefix(parts.tls ? 8 : 7);
    url = url.substr(0, url.find('#'));
    const std::size_t authority_end = std::min(url.find_first_of("/?"), url.size());
    parts.problem = read_authority(url.substr(0, authority_end), parts);
    cut_target(url.substr(authority_end), parts);
    return parts;
}

void split_target(std::string_view target, split_url& into) noexcept {
    if (holds_blank_or_control(target)) {
        into.problem = blank_or_control;
        return;
    }
    cut_target(target.substr(0, target.find('#')), into);
}

void write_origin(const split_url& from, std::string& origin) {
    origin.assign(from.tls ? "https://" : "http://");
    const std::size_t scheme_end = origin.size();
    origin.append(from.host);
    std::transform(origin.begin() + static_cast<std::ptrdiff_t>(scheme_end), origin.end(),
                   origin.begin() + static_cast<std::ptrdiff_t>(scheme_end), lower);
    if (from.port != (from.tls ? tls_port : plain_port)) {
        origin += ':';
        origin += std::to_string(from.port);
    }
}

bool is_numeric_host(std::string_view host) noexcept {
    return host.starts_with('[')
           || std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || c == '.'; });
}

std::string hide_password(std::string_view url) {
    // A password may hold any character, so a URL that is refused is hidden up to its last '@', wherever that stands.
    const std::size_t secret_end = split(url).problem.empty() ? 0 : url.rfind('@') + 1;
    if (secret_end == 0) return std::string(url);
    std::string shown;
    const std::size_t scheme_end = url.find("://");
    if (scheme_end < std::min(url.find('@'), longest_scheme)) shown.append(url.substr(0, scheme_end + 3));
    return shown.append("(hidden)@").append(url.substr(secret_end));
}

std::string show_url(std::string_view url) {
    std::string shown = hide_password(url);
    if (shown.size() > longest_shown) shown.replace(longest_shown, shown.npos, "...");
    std::replace_if(
        shown.begin(), shown.end(), [](char c) { return c != ' ' && is_blank_or_control(c); }, '?');
    return shown;
}

}  // namespace penstock::fetch_stage

namespace penstock::detail {

std::string origin_of(const request& asked) { return fetch_stage::hide_password(asked.url); }

std::string target_of(std::string_view url) {
    const fetch_stage::split_url parts = fetch_stage::split(url);
    std::string origin(url);
    if (parts.problem.empty()) fetch_stage::write_origin(parts, origin);
    return origin;
}

}  // namespace penstock::detail
