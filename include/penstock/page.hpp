#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "penstock/padded_bytes.hpp"

namespace penstock {

/// What fetch made of a request: a whole answer with a status of success. Owns everything it shows; views into it live
/// as long as it does and is not moved from. One thread at a time.
class page {
public:
    page() = default;

    /// A page made by hand, for tests and for sources that have their bodies from elsewhere.
    /// Throws `std::bad_alloc`.
    page(std::string_view url, std::string_view body, int status = 200)
        : page(parts{.status = status, .url = url, .tag = {}, .head = {}, .body = padded_bytes(body)}) {}

    /// The status of the answer, 200 to 299 when fetch made the page.
    int status() const noexcept { return status_; }

    /// Where the page came from: the request's URL, or the last redirect's target.
    std::string_view url() const noexcept { return text(0, url_size_); }

    /// The tag of the request.
    std::string_view tag() const noexcept { return text(url_size_, tag_size_); }

    /// The body, decoded.
    std::string_view body() const noexcept { return body_.view(); }

    /// The body with its padding, for a parser that wants it.
    const padded_bytes& bytes() const noexcept { return body_; }

    /// The value of a header field without the blanks around it; the first if there are several, empty if there is
    /// none. The name's case does not matter. Searches the whole head at each call.
    std::string_view header(std::string_view name) const noexcept;

    /// The head as it was received, from the status line to the empty line.
    std::string_view head() const noexcept { return text(url_size_ + tag_size_, head_size_); }

    /// From the sending of the request (of the last attempt) to the last byte of the answer.
    std::chrono::microseconds took() const noexcept { return took_; }

    /// The parts of a page, for who makes one. The texts are copied.
    struct parts {
        int status = 200;
        std::string_view url;
        std::string_view tag;
        std::string_view head;
        padded_bytes body;
        std::chrono::microseconds took{0};
    };
    /// Throws `std::bad_alloc`.
    explicit page(parts from);

private:
    std::string_view text(std::size_t at, std::size_t size) const noexcept {
        return body_.data() == nullptr ? std::string_view() : std::string_view(body_.behind() + at, size);
    }

    padded_bytes body_;  // The texts lie behind it, so that a page is one piece of memory.
    std::size_t url_size_ = 0;
    std::size_t tag_size_ = 0;
    std::size_t head_size_ = 0;
    std::chrono::microseconds took_{0};
    int status_ = 0;
};

}  // namespace penstock
