#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace penstock {

namespace fetch_stage {
class proxy_address;
}

/// A proxy: `"http://p1:3128"`, or with more said about it. Schemes: `http` and `https` (the way to the proxy itself
/// is encrypted), `socks4`, `socks5` (names are resolved here), `socks4a`, `socks5h` (the proxy resolves them). The
/// port has to be given. The name and password, in the URL with %XX or apart from it, are kept to themselves: nothing
/// prints a proxy but `shown`. A plain value; any thread.
///
/// Name and password may be templates of a provider: `{session}` stands for what tells one exit of its gateway from
/// another, as in `user-session-{session}-country-{country}`, and `{country}` for what `in` was given. See
/// `proxy_options::session`.
class proxy {
public:
    proxy(std::string url) : url_(std::move(url)) {}
    proxy(const char* url) : url_(url) {}

    /// With name and password taken as they are, without %XX. The URL holds none then.
    proxy(std::string url, std::string user, std::string password)
        : url_(std::move(url)), user_(std::move(user)), password_(std::move(password)), login_apart_(true) {}

    /// Fills in `{country}`.
    proxy in(std::string country) const {
        proxy other = *this;
        other.country_ = std::move(country);
        return other;
    }

    /// Scheme, host and port, as reports and dead letters show it; "?" if it cannot be read.
    std::string shown() const;

private:
    friend class fetch_stage::proxy_address;

    std::string url_;
    std::string user_;
    std::string password_;
    std::string country_;
    bool login_apart_ = false;
};

}  // namespace penstock
