#pragma once

#include <cstddef>
#include <penstock/testing/http_server.hpp>
#include <string>
#include <string_view>

namespace penstock::testing::detail {

/// Takes requests off the front of a stream of bytes, however the stream was cut into pieces. Does
/// no input or output of its own.
class http_request_parser {
public:
    static constexpr std::size_t max_head_bytes = std::size_t{1} << 20;
    static constexpr std::size_t max_body_bytes = std::size_t{256} << 20;

    enum class progress {
        /// More bytes are needed.
        incomplete,
        /// The head has come and its sender waits for a 100 before it sends the body. Said once.
        continue_expected,
        /// A whole request was taken off; `take` it before the next call.
        complete,
        /// `refusal` says with which status to answer; nothing after this can be read.
        unreadable,
    };

    /// Goes on with `input`, all that has come and was not used before, and takes off its front
    /// what is used now.
    progress advance(std::string_view& input);

    /// The request, without its ordinals.
    [[nodiscard]] http_request take();

    /// Whether the request taken last lets the connection be used again.
    [[nodiscard]] bool keeps_alive() const noexcept { return keeps_alive_; }

    [[nodiscard]] int refusal() const noexcept { return refusal_; }

private:
    bool read_head(std::string_view head);
    bool read_request_line(std::string_view line);
    bool read_field(std::string_view line);
    bool read_body_length(std::string_view value);
    bool refuse(int status) noexcept;

    http_request request_;
    std::size_t scanned_bytes_ = 0;
    std::size_t body_bytes_ = 0;
    bool has_head_ = false;
    bool has_body_length_ = false;
    bool expects_continue_ = false;
    bool keeps_alive_ = true;
    int refusal_ = 0;
};

}  // namespace penstock::testing::detail
