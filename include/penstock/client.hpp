#pragma once

#include <concepts>
#include <future>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "penstock/call_failed.hpp"
#include "penstock/client_options.hpp"
#include "penstock/metrics.hpp"
#include "penstock/page.hpp"
#include "penstock/request.hpp"
#include "penstock/stages/fetch.hpp"

namespace penstock {

namespace detail {
class client_calls;
}

/// A session with servers: headers, auth and cookies that are kept over its requests, which go out one by one, many at
/// once, or through a pipeline by `fetch(client)`.
///
///     ps::client web({.cookies = true});
///     web.post("https://portal.example/login", ps::form_body({{"user", "me"}, {"password", word.reveal()}}));
///     ps::page one = web.get("https://portal.example/item/1");
///     auto job = ps::from(requests) | ps::fetch(web) | …;
///
/// All members may be called by any threads at once; what is changed applies to the attempts that begin afterwards. A
/// call goes through retries, redirects and limits as an item of `fetch` does. The thread that does so,
/// "penstock-fetch", starts with the first call. At most 1,000 transfers are under way at once, and the bodies that
/// arrive hold 256 MiB and one `max_body` at the most; further calls wait.
class client {
public:
    /// Throws `bad_option`.
    explicit client(client_options options = {});
    /// Ends at once: calls that are not over fail as `other`.
    ~client();
    client(const client&) = delete;
    client& operator=(const client&) = delete;

    /// Sends a request and waits for its page. Throws `call_failed` if there is none, also for a status that is no
    /// success.
    page send(request asked);
    page get(std::string url);
    page post(std::string url, request_body body);
    page put(std::string url, request_body body);

    /// The same without waiting. The future throws what the waiting form would; it may be dropped.
    std::future<page> async_send(request asked);
    std::future<page> async_get(std::string url);
    std::future<page> async_post(std::string url, request_body body);
    std::future<page> async_put(std::string url, request_body body);

    /// Sets a header of the session in place of that of the same name. Throws `bad_option` for one that may not be
    /// sent.
    void set_header(std::string name, std::string value);
    /// Sets all headers of the session. Throws likewise, and changes nothing then.
    void set_headers(std::vector<header> headers);
    /// Goes back to those of the options.
    void reset_headers();

    /// Sets the auth of the session; an empty one sends none. Throws `bad_option` if it cannot be sent.
    void set_auth(authorization auth);
    /// Goes back to that of the options.
    void reset_auth();

    /// Keeps a cookie as if the server had set it in an answer from this URL, with attributes if there are any, such as
    /// "name=value; Path=/". It goes out through all proxies, but for those through which the server has set another in
    /// its place; a server that answers through a proxy cannot delete it, but `reset_cookies` does. From here on
    /// cookies of servers are kept too. Throws `bad_option` if it is not a cookie that this URL may set.
    void set_cookie(const std::string& url, const std::string& cookie);
    /// Forgets all cookies, those of all proxies too.
    void reset_cookies();

    /// What the calls of this client have done so far; pipelines that use its session count for themselves.
    fetch_figures figures() const;

    /// What `fetch(client)` is made of: the options, and the session, which it shares. It may outlive the client.
    detail::fetch_piece piece() const;

private:
    client_options options_;
    std::shared_ptr<detail::session> session_;
    std::unique_ptr<detail::client_calls> calls_;
};

/// Downloads with the session of a client: its headers, auth and cookies, as they are when an attempt begins, and with
/// its options. Cookies that come are the client's. A `request::proxy_key` (or origin) has the same session at a
/// provider's gateway as in the client's calls, so a login there holds; which of several proxies it has, each decides
/// for itself. Else like `fetch(options)`.
template <std::same_as<client> Client>
auto fetch(const Client& by) {
    return stage<detail::fetch_piece>(std::tuple(by.piece()));
}

}  // namespace penstock
