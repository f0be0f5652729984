#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/padded_bytes.hpp"

namespace penstock {

/// What fetch made of a request: a whole answer with a status of success. Owns everything it shows; views into it live
/// as long as it does and is not moved from. One thread at a time.
class page {
public:
    page() = default;

    /// A page made by hand, for tests and for sources that have their bodies from elsewhere.
    page(std::string url, std::string_view body, int status = 200)
        : url_(std::move(url)), body_(body), status_(status) {}

    /// The status of the answer, 200 to 299 when fetch made the page.
    int status() const noexcept { return status_; }

    /// Where the page came from: the request's URL, or the last redirect's target.
    const std::string& url() const noexcept { return url_; }

    /// The tag of the request.
    const std::string& tag() const noexcept { return tag_; }

    /// The body, decoded.
    std::string_view body() const noexcept { return body_.view(); }

    /// The body with its padding, for a parser that wants it.
    const padded_bytes& bytes() const noexcept { return body_; }

    /// The value of a header field without the blanks around it; the first if there are several, empty if there is
    /// none. The name's case does not matter. Searches the whole head at each call.
    std::string_view header(std::string_view name) const noexcept;

    /// The head as it was received, from the status line to the empty line.
    const std::string& head() const noexcept { return head_; }

    /// From the sending of the request (of the last attempt) to the last byte of the answer.
    std::chrono::microseconds took() const noexcept { return took_; }

    /// The parts of a page, for who makes one.
    struct parts {
        int status = 200;
        std::string url;
        std::string tag;
        std::string head;
        padded_bytes body;
        std::chrono::microseconds took{0};
    };
    explicit page(parts from)
        : url_(std::move(from.url)),
          tag_(std::move(from.tag)),
          head_(std::move(from.head)),
          body_(std::move(from.body)),
          took_(from.took),
          status_(from.status) {}

private:
    std::string url_;
    std::string tag_;
    std::string head_;
    padded_bytes body_;
    std::chrono::microseconds took_{0};
    int status_ = 0;
};

}  // namespace penstock
