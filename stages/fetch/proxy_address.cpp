#include "proxy_address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "ascii.hpp"

namespace penstock::fetch_stage {

namespace {

constexpr std::string_view session_mark = "{session}";
constexpr std::string_view country_mark = "{country}";

constexpr std::array<std::pair<std::string_view, proxy_address::kind>, 6> schemes = {{
    {"http", proxy_address::kind::http},
    {"https", proxy_address::kind::https},
    {"socks4", proxy_address::kind::socks4},
    {"socks4a", proxy_address::kind::socks4a},
    {"socks5", proxy_address::kind::socks5},
    {"socks5h", proxy_address::kind::socks5h},
}};

std::optional<std::string> decode(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            plain += text[at];
            continue;
        }
        const std::string_view digits = text.substr(at + 1, 2);
        unsigned byte = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) return std::nullopt;
        plain += static_cast<char>(byte);
        at += 2;
    }
    return plain;
}

bool is_host(std::string_view host) noexcept {
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    return !host.empty() && std::all_of(host.begin(), host.end(), [&](char c) {
        return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_' || (bracketed && c == ':');
    });
}

void replace_all(std::string& text, std::string_view mark, std::string_view by) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + by.size())) {
        text.replace(at, mark.size(), by);
    }
}

}  // namespace

proxy_address::proxy_address(const proxy& from) {
    problem_ = read(from);
    if (!problem_.empty()) shown_ = "?";
}

std::string_view proxy_address::read(const proxy& from) {
    std::string_view url = from.url_;
    if (const auto problem = read_scheme(url); !problem.empty()) return problem;
    if (url.ends_with('/')) url.remove_suffix(1);
    // A password may hold any character, so everything up to the last '@' is the login.
    const std::size_t at = url.rfind('@');
    if (at != std::string_view::npos) {
        if (from.login_apart_) return "has a login in its URL and another apart from it";
        if (const auto problem = read_login(url.substr(0, at)); !problem.empty()) return problem;
        url.remove_prefix(at + 1);
    }
    if (from.login_apart_) {
        has_login_ = true;
        user_ = from.user_;
        password_ = from.password_;
    }
    if (const auto problem = read_place(url); !problem.empty()) return problem;
    for (std::string* const text : {&user_, &password_}) {
        if (const auto problem = check_template(*text, !from.country_.empty()); !problem.empty()) return problem;
        replace_all(*text, country_mark, from.country_);
        if (std::any_of(text->begin(), text->end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; })) {
            return "has a line end or NUL in its login";
        }
    }
    if (scheme_ != kind::http && scheme_ != kind::https) return {};
    return user_.find(':') == std::string::npos ? std::string_view()
                                                : "has a colon in its user name, which HTTP cannot send";
}

std::string_view proxy_address::read_scheme(std::string_view& url) {
    const std::size_t end = url.find("://");
    for (const auto& [name, scheme] : schemes) {
        if (end == std::string_view::npos || !same_name(url.substr(0, end), name)) continue;
        scheme_ = scheme;
        shown_ = std::string(name) + "://";
        url.remove_prefix(end + 3);
        return {};
    }
    return "begins with none of http://, https://, socks4://, socks4a://, socks5:// and socks5h://";
}

std::string_view proxy_address::read_login(std::string_view login) {
    const std::size_t colon = login.find(':');
    const auto user = decode(login.substr(0, colon));
    const auto password = decode(colon == std::string_view::npos ? std::string_view() : login.substr(colon + 1));
    if (!user || !password) return "has a % in its login that no two hexadecimal digits follow; write it as %25";
    has_login_ = true;
    user_ = *user;
    password_ = *password;
    return {};
}

std::string_view proxy_address::read_place(std::string_view place) {
    const std::size_t colon = place.rfind(':');
    const bool has_port = colon != std::string_view::npos && place.find(']', colon) == std::string_view::npos;
    if (!is_host(place.substr(0, has_port ? colon : place.size()))) {
        return "has no host, or one that cannot be read; write it as scheme://host:port";
    }
    if (!has_port) return "has no port; write it as scheme://host:port";
    const std::string_view digits = place.substr(colon + 1);
    unsigned port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size() || port == 0 || port > 65'535) {
        return "has a port that is no number from 1 to 65535";
    }
    shown_ += place;
    return {};
}

std::string_view proxy_address::check_template(std::string_view text, bool has_country) {
    for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
        const std::string_view mark = text.substr(at, text.find('}', at) - at + 1);
        if (mark == session_mark) {
            has_sessions_ = true;
        } else if (mark != country_mark) {
            return "has braces in its login that are neither {session} nor {country}";
        } else if (!has_country) {
            return "has {country} in its login and no country; give one with in()";
        }
    }
    return {};
}

std::string proxy_address::fill(std::string_view text, std::string_view session) {
    std::string filled(text);
    replace_all(filled, session_mark, session);
    return filled;
}

}  // namespace penstock::fetch_stage

namespace penstock {

std::string proxy::shown() const { return fetch_stage::proxy_address(*this).shown(); }

}  // namespace penstock
