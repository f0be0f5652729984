#include "penstock/client.hpp"

#include <utility>

#include "client_calls.hpp"
#include "penstock/detail/snapshot_of.hpp"
#include "penstock/errors.hpp"
#include "session.hpp"

namespace penstock {

namespace {

fetch_options fetching_of(const client_options& options) {
    const std::chrono::milliseconds time = options.call_timeout;
    if (time.count() < 1 || time > std::chrono::hours(24)) {
        throw bad_option("client: call_timeout is " + std::to_string(time.count()) + " ms; give 1 ms to 24 h");
    }
    fetch_options fetching = options.fetching;
    fetching.headers.clear();  // They are the session's, which may change them.
    fetching.timeout = options.timeout;
    fetching.retries = options.retries;
    return fetching;
}

}  // namespace

client::client(client_options options)
    : options_(std::move(options)),
      session_(std::make_shared<detail::session>(
          detail::session::beginning{options_.headers, options_.auth, options_.cookies})),
      calls_(std::make_unique<detail::client_calls>(options_, fetching_of(options_), session_)) {}

client::~client() = default;

page client::send(request asked) { return async_send(std::move(asked)).get(); }
page client::get(std::string url) { return async_get(std::move(url)).get(); }
page client::post(std::string url, request_body body) { return async_post(std::move(url), std::move(body)).get(); }
page client::put(std::string url, request_body body) { return async_put(std::move(url), std::move(body)).get(); }

std::future<page> client::async_send(request asked) { return calls_->begin(std::move(asked)); }
std::future<page> client::async_get(std::string url) { return async_send({.url = std::move(url)}); }
std::future<page> client::async_post(std::string url, request_body body) {
    return async_send({.url = std::move(url), .method = "POST", .body = std::move(body)});
}
std::future<page> client::async_put(std::string url, request_body body) {
    return async_send({.url = std::move(url), .method = "PUT", .body = std::move(body)});
}

void client::set_header(std::string name, std::string value) {
    session_->put_header({std::move(name), std::move(value)});
}
void client::set_headers(std::vector<header> headers) { session_->put_headers(std::move(headers)); }
void client::reset_headers() { session_->reset_headers(); }
void client::set_auth(authorization auth) { session_->put_auth(std::move(auth)); }
void client::reset_auth() { session_->reset_auth(); }
void client::set_cookie(const std::string& url, const std::string& cookie) { session_->put_cookie(url, cookie); }
void client::reset_cookies() { session_->reset_cookies(); }

fetch_figures client::figures() const { return snapshot_of(calls_->figures()).fetch; }

detail::fetch_piece client::piece() const { return {fetching_of(options_), session_}; }

call_failed::call_failed(failure why, unsigned attempts)
    : std::runtime_error(std::string(to_string(why.kind)) + ": " + why.reason),
      why_(std::make_shared<const failure>(std::move(why))),
      attempts_(attempts) {}

}  // namespace penstock
