#include "http_request_parser.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "http_message.hpp"

namespace penstock::testing::detail {

http_request_parser::progress http_request_parser::advance(std::string_view& input) {
    if (refusal_ != 0) {
        return progress::unreadable;
    }
    if (!has_head_) {
        if (scanned_bytes_ == 0) {
            // RFC 9112 2.2: empty lines before a request line are to be ignored.
            while (input.starts_with("\r\n")) {
                input.remove_prefix(2);
            }
        }
        // The mark may straddle what was searched before.
        const auto from = scanned_bytes_ < 3 ? 0 : scanned_bytes_ - 3;
        const auto end = input.find("\r\n\r\n", from);
        if (std::min(end, input.size()) > max_head_bytes) {
            refuse(431);
            return progress::unreadable;
        }
        if (end == std::string_view::npos) {
            scanned_bytes_ = input.size();
            return progress::incomplete;
        }
        if (!read_head(input.substr(0, end + 2))) {
            return progress::unreadable;
        }
        input.remove_prefix(end + 4);
        has_head_ = true;
    }
    if (input.size() < body_bytes_) {
        return std::exchange(expects_continue_, false) ? progress::continue_expected : progress::incomplete;
    }
    request_.body = input.substr(0, body_bytes_);
    input.remove_prefix(body_bytes_);
    return progress::complete;
}

http_request http_request_parser::take() {
    has_head_ = false;
    scanned_bytes_ = 0;
    return std::exchange(request_, {});
}

bool http_request_parser::read_head(std::string_view head) {
    body_bytes_ = 0;
    has_body_length_ = false;
    expects_continue_ = false;
    bool is_request_line = true;
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        const auto line = head.substr(0, end);
        // A lone CR or LF, or a NUL, is what a header injection looks like.
        if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
            return refuse(400);
        }
        if (!(is_request_line ? read_request_line(line) : read_field(line))) {
            return false;
        }
        is_request_line = false;
        head.remove_prefix(end + 2);
    }
    return true;
}

bool http_request_parser::read_request_line(std::string_view line) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == 0 || last <= first + 1) {
        return refuse(400);
    }
    const auto method = line.substr(0, first);
    const auto target = line.substr(first + 1, last - first - 1);
    const auto version = line.substr(last + 1);
    if (target.find(' ') != std::string_view::npos || (version != "HTTP/1.1" && version != "HTTP/1.0")) {
        return refuse(400);
    }
    request_.method = method;
    request_.target = target;
    keeps_alive_ = version == "HTTP/1.1";
    return true;
}

bool http_request_parser::read_field(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0
        || line.substr(0, colon).find_first_of(" \t") != std::string_view::npos) {
        return refuse(400);
    }
    const auto name = line.substr(0, colon);
    const auto value = trimmed(line.substr(colon + 1));
    if (same_token(name, "content-length")) {
        if (!read_body_length(value)) {
            return false;
        }
    } else if (same_token(name, "transfer-encoding")) {
        return refuse(501);
    } else if (same_token(name, "connection")) {
        if (lists_token(value, "close")) {
            keeps_alive_ = false;
        } else if (lists_token(value, "keep-alive")) {
            keeps_alive_ = true;
        }
    } else if (same_token(name, "expect")) {
        expects_continue_ = same_token(value, "100-continue");
    }
    request_.headers.emplace_back(name, value);
    return true;
}

bool http_request_parser::read_body_length(std::string_view value) {
    std::size_t bytes = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bytes);
    if (error == std::errc::result_out_of_range) {
        return refuse(413);
    }
    const bool contradicts = has_body_length_ && bytes != body_bytes_;
    if (error != std::errc{} || end != value.data() + value.size() || contradicts) {
        return refuse(400);
    }
    if (bytes > max_body_bytes) {
        return refuse(413);
    }
    body_bytes_ = bytes;
    has_body_length_ = true;
    return true;
}

bool http_request_parser::refuse(int status) noexcept {
    refusal_ = status;
    return false;
}

}  // namespace penstock::testing::detail
