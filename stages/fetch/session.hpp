#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "exit_cookies.hpp"
#include "penstock/authorization.hpp"
#include "penstock/request.hpp"
#include "session_book.hpp"

namespace penstock::detail {

/// What a client keeps between its requests, shared by all that send for it: its own thread, and pipelines. Any thread.
class session {
public:
    struct beginning {
        std::vector<header> headers;
        authorization auth;
        bool cookies = false;
    };
    /// Throws `bad_option` for a header or an auth that may not be sent.
    explicit session(beginning from);

    // By the client. All throw `bad_option` for what may not be sent.
    void put_header(header one);
    void put_headers(std::vector<header> all);
    void reset_headers();
    void put_auth(authorization auth);
    void reset_auth() { put_auth(first_.auth); }
    void put_cookie(const std::string& url, const std::string& field);
    void reset_cookies();

    // By who sends.
    /// The headers, auth among them.
    std::shared_ptr<const std::vector<header>> fields() const;
    /// The value of a Cookie field for a request to this URL through an exit (see `way::exit`); empty if there is none.
    /// Throws `std::bad_alloc`.
    std::string cookies_for(std::string_view url, std::string_view exit);
    /// Takes the cookies of an answer's head that came through an exit. Throws `std::bad_alloc`.
    void keep_cookies(std::string_view head, std::string_view url, std::string_view exit);
    /// An exit is not gone through again.
    void forget_exit(std::string_view exit) noexcept;
    /// The sessions at proxies: all that send for it give a key the same one, so that cookies fit.
    fetch_stage::session_book& exits() noexcept { return exits_; }

private:
    void combine();

    const beginning first_;
    fetch_stage::session_book exits_;
    mutable std::mutex mutex_;
    std::vector<header> headers_;
    authorization auth_;
    std::shared_ptr<const std::vector<header>> fields_;
    bool keeps_cookies_;
    fetch_stage::exit_cookies cookies_;
};

}  // namespace penstock::detail
