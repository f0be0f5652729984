#pragma once

#include <string>
#include <string_view>

#include "penstock/stages/fetch/proxy.hpp"

namespace penstock::fetch_stage {

/// A proxy, read once: where it is, and the templates of its login. Immutable; never printed but by `shown`.
class proxy_address {
public:
    enum class kind : unsigned char { http, https, socks4, socks4a, socks5, socks5h };

    /// Reads a proxy; `problem` says what is wrong with it otherwise, without quoting it. Throws `std::bad_alloc`.
    explicit proxy_address(const proxy& from);

    /// What is wrong, to be read behind "the proxy"; empty if nothing is.
    std::string_view problem() const noexcept { return problem_; }

    kind scheme() const noexcept { return scheme_; }
    bool is_socks() const noexcept { return scheme_ != kind::http && scheme_ != kind::https; }
    /// True if the name of a target is looked up here, not by the proxy.
    bool resolves_here() const noexcept { return scheme_ == kind::socks4 || scheme_ == kind::socks5; }
    /// Scheme, host and port: also what libcurl is told.
    const std::string& shown() const noexcept { return shown_; }

    bool has_login() const noexcept { return has_login_; }
    /// True if name or password hold `{session}`.
    bool has_sessions() const noexcept { return has_sessions_; }
    std::string user(std::string_view session) const { return fill(user_, session); }
    std::string password(std::string_view session) const { return fill(password_, session); }

private:
    std::string_view read(const proxy& from);
    std::string_view read_scheme(std::string_view& url);
    std::string_view read_login(std::string_view login);
    std::string_view read_place(std::string_view place);
    std::string_view check_template(std::string_view text, bool has_country);
    static std::string fill(std::string_view text, std::string_view session);

    std::string_view problem_;
    kind scheme_ = kind::http;
    std::string shown_;
    std::string user_;
    std::string password_;
    bool has_login_ = false;
    bool has_sessions_ = false;
};

}  // namespace penstock::fetch_stage
