#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include "penstock/authorization.hpp"
#include "penstock/request.hpp"
#include "penstock/stages/fetch/fetch_options.hpp"

namespace penstock {

/// How a client begins. Every field has a default that works; `client` refuses values that cannot work with
/// `bad_option`.
struct client_options {
    /// Sent with every request; one of the request's own goes in place of that of the same name.
    std::vector<header> headers = {};

    /// Sent with every request, to whatever origin that is for, unless it has an auth or such a header of its own. It
    /// does not follow a redirect to another origin.
    authorization auth = {};

    /// Keeps the cookies that servers set and sends them back to where they belong: by host or domain, port, path,
    /// time, and `Secure`. Without it, cookies of servers are ignored. Those that came through a proxy, or through one
    /// session at it, go out through no other, so a login over several proxies wants
    /// `proxy_options::rotation::sticky`, and a fresh session has none of an earlier attempt. All exits together keep
    /// 10,000; then the exit that was unused the longest loses its own.
    bool cookies = false;

    /// As `fetch_options::timeout` and `fetch_options::retries`.
    std::chrono::milliseconds timeout = std::chrono::seconds(30);
    unsigned retries = 3;

    /// The most time from a call to the last byte of its page, over waiting, all attempts and redirects. 1 ms to 24 h.
    std::chrono::milliseconds call_timeout = std::chrono::seconds(300);

    /// A folder for the bodies of all pages, to look into; empty for none. See `archive`. The thread that fetches
    /// writes them, so it is not for bulk; a page whose body cannot be written is handed over all the same.
    std::filesystem::path save_dir = {};

    /// How it fetches otherwise, its proxies too; the `headers`, `timeout` and `retries` in it do not count.
    fetch_options fetching = {};
};

}  // namespace penstock
