#include "session.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "ascii.hpp"
#include "header_rules.hpp"
#include "penstock/errors.hpp"
#include "random_seed.hpp"
#include "split_url.hpp"

namespace penstock::detail {

using namespace fetch_stage;

namespace {

void check(std::span<const header> all) {
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string_view problem = problem_of(all[i]);
        if (!problem.empty()) throw bad_option("client: " + show_header(all[i], i + 1) + ' ' + std::string(problem));
    }
}

void check(const authorization& auth) {
    const std::string_view problem = problem_of(header{"Authorization", auth.value().reveal()});
    if (!problem.empty()) throw bad_option("client: auth " + std::string(problem));
}

cookie_time both_clocks() {
    return {std::chrono::steady_clock::now(),
            std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
}

}  // namespace

session::session(beginning from)
    : first_(std::move(from)),
      exits_(random_seed(), random_seed()),
      headers_(first_.headers),
      auth_(first_.auth),
      keeps_cookies_(first_.cookies) {
    check(headers_);
    check(auth_);
    combine();
}

/// What is sent, made anew after a change. Throws `std::bad_alloc`.
void session::combine() {
    auto all = std::make_shared<std::vector<header>>(headers_);
    const bool given =
        std::any_of(all->begin(), all->end(), [](const header& one) { return same_name(one.name, "Authorization"); });
    if (!given && !auth_.empty()) all->push_back({"Authorization", auth_.value().reveal()});
    fields_ = std::move(all);
}

void session::put_header(header one) {
    check(std::span(&one, 1));
    const std::lock_guard lock(mutex_);
    const auto before = std::find_if(headers_.begin(), headers_.end(),
                                     [&](const header& old) { return same_name(old.name, one.name); });
    if (before != headers_.end()) {
        *before = std::move(one);
    } else {
        headers_.push_back(std::move(one));
    }
    combine();
}

void session::put_headers(std::vector<header> all) {
    check(all);
    const std::lock_guard lock(mutex_);
    headers_ = std::move(all);
    combine();
}

void session::reset_headers() { put_headers(first_.headers); }

void session::put_auth(authorization auth) {
    check(auth);
    const std::lock_guard lock(mutex_);
    auth_ = std::move(auth);
    combine();
}

void session::put_cookie(const std::string& url, const std::string& field) {
    const split_url from = split(url);
    const cookie_time at = both_clocks();
    auto one = from.problem.empty() ? read_cookie(field, from, at) : std::nullopt;
    if (!one) throw bad_option("client: this is not a cookie that " + show_url(url) + " may set");
    const std::lock_guard lock(mutex_);
    keeps_cookies_ = true;
    cookies_.put(std::move(*one), at.now);
}

void session::reset_cookies() {
    const std::lock_guard lock(mutex_);
    cookies_.clear();
}

std::shared_ptr<const std::vector<header>> session::fields() const {
    const std::lock_guard lock(mutex_);
    return fields_;
}

std::string session::cookies_for(std::string_view url, std::string_view exit) {
    const std::lock_guard lock(mutex_);
    if (cookies_.empty()) return {};
    return cookies_.field_for(exit, split(url), std::chrono::steady_clock::now());
}

void session::keep_cookies(std::string_view head, std::string_view url, std::string_view exit) {
    constexpr std::string_view name = "Set-Cookie:";
    std::vector<std::string_view> fields;
    while (!head.empty()) {
        const std::string_view line = head.substr(0, head.find('\n'));
        head.remove_prefix(std::min(line.size() + 1, head.size()));
        if (same_name(line.substr(0, name.size()), name)) fields.push_back(trim(line.substr(name.size())));
    }
    if (fields.empty()) return;
    const std::lock_guard lock(mutex_);
    if (!keeps_cookies_) return;
    const cookie_time at = both_clocks();
    const split_url from = split(url);
    for (const std::string_view field : fields) cookies_.keep(exit, field, from, at);
}

void session::forget_exit(std::string_view exit) noexcept {
    const std::lock_guard lock(mutex_);
    cookies_.forget(exit);
}

}  // namespace penstock::detail
