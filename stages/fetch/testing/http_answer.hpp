#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <penstock/testing/http_server.hpp>
#include <string>
#include <string_view>

namespace penstock::testing::detail {

/// What of the request decides about the bytes of its answer.
struct http_answer_terms {
    /// The request was a HEAD: the head promises a body that is not sent.
    bool head_only = false;
    /// The client wants the connection closed afterwards.
    bool close_wanted = false;
};

/// The bytes of one answer in order, and what happens to the connection after them. Does no input
/// or output of its own.
class http_answer {
public:
    enum class ending { keep, close, reset, stall };

    http_answer() = default;
    http_answer(http_response response, http_answer_terms terms);

    /// The next bytes to send, at least one and at most `max_bytes`; empty when all were sent. The
    /// view lives until the answer is changed or moved.
    [[nodiscard]] std::string_view next(std::size_t max_bytes) const;

    void sent(std::size_t bytes) noexcept { sent_bytes_ += bytes; }

    [[nodiscard]] bool finished() const noexcept { return sent_bytes_ == end_bytes_; }
    [[nodiscard]] ending ends_with() const noexcept { return ending_; }

    [[nodiscard]] std::chrono::milliseconds delay() const noexcept { return delay_; }
    [[nodiscard]] std::size_t trickle_bytes() const noexcept { return trickle_bytes_; }
    [[nodiscard]] std::chrono::milliseconds trickle_every() const noexcept { return trickle_every_; }

private:
    void write_head(const http_response& response, std::uint64_t body_bytes, bool closes);
    void write_body(http_response& response);
    void set_end(const http_response& response, std::uint64_t head_bytes, bool closes);
    [[nodiscard]] std::uint64_t cut_position(const http_response& response, std::uint64_t head_bytes) const;
    void join_if_small();

    // On the wire: front_, then block_ over and over for block_bytes_ in all, then tail_. Ends
    // early where a fault says so.
    std::string front_;
    std::string block_;
    std::string tail_;
    std::uint64_t block_bytes_ = 0;
    std::uint64_t sent_bytes_ = 0;
    std::uint64_t end_bytes_ = 0;
    // One repetition of the body: without and with the marks of its chunk.
    std::size_t payload_bytes_ = 0;
    std::size_t piece_bytes_ = 0;
    ending ending_ = ending::keep;
    std::chrono::milliseconds delay_{0};
    std::size_t trickle_bytes_ = 0;
    std::chrono::milliseconds trickle_every_{0};
};

}  // namespace penstock::testing::detail
