#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <penstock/testing/http_server.hpp>
#include <string>

#include "http_answer.hpp"
#include "http_observations.hpp"
#include "http_request_parser.hpp"

namespace penstock::testing::detail {

/// One accepted socket: reads requests, has them answered one after the other, and carries out the
/// faults. Never blocks; `advance` goes as far as it can and says what it waits for.
class http_connection {
public:
    using clock = std::chrono::steady_clock;

    /// What `advance` waits for, besides news from the socket.
    struct wish {
        /// The connection is over; destroy it.
        bool over = false;
        /// There is more to do at once, after the other connections had their turn.
        bool again = false;
        /// Call again at this time.
        std::optional<clock::time_point> wake_at = {};
    };

    /// Takes over the socket, which must be non-blocking. Handler and observations must live on.
    http_connection(int socket, std::uint64_t ordinal, const http_handler& handler, http_observations& observations);
    ~http_connection();

    http_connection(const http_connection&) = delete;
    http_connection& operator=(const http_connection&) = delete;

    [[nodiscard]] wish advance();

    /// The socket has something to read, or has reached its end.
    void expect_input() noexcept { has_input_ = true; }

    /// The socket is dead in both directions; the next `advance` is the last.
    void give_up() noexcept { is_broken_ = true; }

private:
    enum class phase { reading, delaying, sending, stalled, resetting, closing };

    // Each of these does one step; nothing returned means that the phase has changed.
    std::optional<wish> read_request();
    std::optional<wish> wait_for_delay();
    std::optional<wish> send_answer();
    std::optional<wish> wait_for_peer();
    std::optional<wish> reset_when_sent();
    std::optional<wish> close_when_peer_has();

    http_request_parser::progress parse();
    void receive();
    [[nodiscard]] bool takes_input() const noexcept;
    void answer_request();
    [[nodiscard]] http_response ask_handler(const http_request& request) const;
    void begin(http_answer answer, bool answers_request);
    void end_answer();
    void settle() noexcept;
    [[nodiscard]] wish wait_until(clock::time_point time) const;

    int socket_;
    std::uint64_t ordinal_;
    std::uint64_t requests_ = 0;
    const http_handler& handler_;
    http_observations& observations_;

    phase phase_ = phase::reading;
    http_request_parser parser_;
    http_answer answer_;
    std::string input_;
    std::size_t used_input_bytes_ = 0;
    clock::time_point due_{};
    std::size_t turn_bytes_ = 0;
    std::size_t turn_answers_ = 0;
    // True from the arrival of a request until its answer has left or was given up.
    bool is_answering_ = false;
    bool has_input_ = true;
    bool peer_has_closed_ = false;
    bool is_broken_ = false;
};

}  // namespace penstock::testing::detail
