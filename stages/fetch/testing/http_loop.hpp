#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <penstock/testing/http_server.hpp>
#include <queue>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "http_connection.hpp"
#include "http_observations.hpp"

namespace penstock::testing::detail {

/// The thread of a server: accepts connections and calls each one when it has something to do.
class http_loop {
public:
    explicit http_loop(http_handler handler);
    ~http_loop();

    http_loop(const http_loop&) = delete;
    http_loop& operator=(const http_loop&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] const http_observations& observations() const noexcept { return observations_; }

private:
    using clock = http_connection::clock;

    /// A descriptor that is closed with its owner.
    class descriptor {
    public:
        /// Takes over a descriptor; throws std::system_error naming the call if it is -1.
        descriptor(int value, const char* call);
        ~descriptor();
        descriptor(const descriptor&) = delete;
        descriptor& operator=(const descriptor&) = delete;
        operator int() const noexcept { return value_; }

    private:
        int value_;
    };

    struct served {
        std::unique_ptr<http_connection> connection;
        /// The newest alarm set for it.
        clock::time_point alarm_at;
    };

    /// A time to call a connection at. Never taken back: a call too many does no harm.
    using alarm = std::pair<clock::time_point, std::uint64_t>;

    void listen();
    void run();
    /// Waits for something to do and does it; false when the server is to stop.
    bool turn();
    void accept_all();
    void adopt(int socket);
    void watch_listener();
    void advance(std::uint64_t ordinal);
    void advance_due();
    void advance_ready();
    [[nodiscard]] int milliseconds_to_wait() const;

    http_handler handler_;
    http_observations observations_;
    descriptor listener_;
    descriptor epoll_;
    descriptor stop_;
    std::uint16_t port_ = 0;

    std::uint64_t accepted_ = 0;
    std::unordered_map<std::uint64_t, served> connections_;
    std::priority_queue<alarm, std::vector<alarm>, std::greater<>> alarms_;
    std::vector<std::uint64_t> ready_;
    std::thread thread_;
};

}  // namespace penstock::testing::detail
