#include "cookie.hpp"

#include <algorithm>
#include <charconv>

#include "ascii.hpp"
#include "cookie_date.hpp"

namespace penstock::fetch_stage {

namespace {

using std::chrono::seconds;

constexpr std::size_t longest = 4096;
constexpr seconds longest_life = std::chrono::hours(24 * 400);

std::string lowered(std::string_view text) {
    std::string low(text);
    std::transform(low.begin(), low.end(), low.begin(), lower);
    return low;
}

bool ends_with_label(std::string_view host, std::string_view domain) noexcept {
    return host.size() > domain.size() && host[host.size() - domain.size() - 1] == '.'
           && same_name(host.substr(host.size() - domain.size()), domain);
}

/// Without the list of public suffixes one can only guess: "com", and "co.uk" or "com.au", but not "heise.de".
bool looks_public(std::string_view domain) noexcept {
    const std::size_t dot = domain.find('.');
    if (dot == std::string_view::npos) return true;
    const std::string_view rest = domain.substr(dot + 1);
    return rest.size() == 2 && dot <= 3;
}

bool has_control(std::string_view text) noexcept {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; });
}

/// "/a/b" for "/a/b/c"; "/" for what has no folder.
std::string_view folder_of(std::string_view path) noexcept {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string_view::npos ? std::string_view("/") : path.substr(0, slash);
}

std::optional<seconds> read_max_age(std::string_view value) noexcept {
    const bool below = value.starts_with('-');
    if (below) value.remove_prefix(1);
    if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit)) return std::nullopt;
    if (below) return seconds(0);
    seconds::rep count = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), count);
    return error == std::errc() ? std::min(seconds(count), longest_life) : longest_life;
}

std::optional<seconds> read_expires(std::string_view value, std::chrono::sys_seconds calendar) noexcept {
    const auto when = read_cookie_date(value);
    if (!when) return std::nullopt;
    return std::clamp(*when - calendar, seconds(0), longest_life);
}

/// What the attributes behind a cookie say.
struct attributes {
    std::string_view domain;
    std::string_view path;
    bool secure = false;
    std::optional<seconds> max_age;
    std::optional<seconds> expires;
};

attributes read_attributes(std::string_view text, const cookie_time& at) {
    attributes all;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(';'), text.size());
        const std::string_view one = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t equals = std::min(one.find('='), one.size());
        const std::string_view name = trim(one.substr(0, equals));
        const std::string_view value = equals < one.size() ? trim(one.substr(equals + 1)) : std::string_view();
        if (same_name(name, "Domain")) all.domain = value;
        if (same_name(name, "Path")) all.path = value;
        if (same_name(name, "Secure")) all.secure = true;
        if (same_name(name, "Max-Age")) all.max_age = read_max_age(value);
        if (same_name(name, "Expires")) all.expires = read_expires(value, at.calendar);
    }
    return all;
}

/// Says for which hosts a cookie is; false if it may not say so.
bool take_domain(cookie& one, std::string_view domain, const split_url& from) {
    one.domain = lowered(from.host);
    if (domain.starts_with('.')) domain.remove_prefix(1);
    if (domain.empty() || same_name(domain, from.host)) {
        one.host_only = domain.empty() || is_numeric_host(from.host) || looks_public(domain);
        return true;
    }
    if (is_numeric_host(from.host) || !ends_with_label(from.host, domain)) return false;
    if (looks_public(domain)) return true;
    one.domain = lowered(domain);
    one.host_only = false;
    return true;
}

bool keeps_its_prefix(const cookie& one, const attributes& said) noexcept {
    if (one.name.starts_with("__Secure-")) return one.secure;
    if (one.name.starts_with("__Host-")) return one.secure && said.domain.empty() && one.path == "/";
    return true;
}

}  // namespace

std::string_view cookie_path(const split_url& of) noexcept { return of.path.empty() ? std::string_view("/") : of.path; }

unsigned cookie_port(const split_url& of) noexcept { return of.port == (of.tls ? 443U : 80U) ? 0 : of.port; }

bool cookie::is_for(const split_url& to, std::string_view path_of_url) const noexcept {
    if ((secure && !to.tls) || port != cookie_port(to)) return false;
    if (!same_name(to.host, domain) && (host_only || !ends_with_label(to.host, domain))) return false;
    return path_of_url.starts_with(path)
           && (path_of_url.size() == path.size() || path.ends_with('/') || path_of_url[path.size()] == '/');
}

std::optional<cookie> read_cookie(std::string_view field, const split_url& from, const cookie_time& at) {
    const std::size_t end = std::min(field.find(';'), field.size());
    const std::string_view pair = field.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || field.size() > 2 * longest || has_control(field)) return std::nullopt;
    cookie one;
    one.name = trim(pair.substr(0, equals));
    one.value = trim(pair.substr(equals + 1));
    if (one.name.empty() || one.name.size() + one.value.size() > longest) return std::nullopt;
    const attributes said = read_attributes(field.substr(std::min(end + 1, field.size())), at);
    one.secure = said.secure;
    one.port = cookie_port(from);
    one.path = said.path.starts_with('/') ? said.path : folder_of(cookie_path(from));
    if (one.secure && !from.tls) return std::nullopt;
    if (!take_domain(one, said.domain, from) || !keeps_its_prefix(one, said)) return std::nullopt;
    if (const auto life = said.max_age ? said.max_age : said.expires) one.ends = at.now + *life;
    return one;
}

}  // namespace penstock::fetch_stage
