#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <penstock/testing/http_server.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace penstock::testing::detail {

/// What a server has seen. Written by the server's thread only, read from any thread.
class http_observations {
public:
    static constexpr std::size_t max_log_requests = 10'000;

    void connection_opened() noexcept;
    void connection_closed() noexcept;

    /// Counts a request that arrived whole. Each one is settled exactly once.
    void request_arrived(const std::string& target);
    void request_settled() noexcept;

    /// Keeps a request for `log`, and lets the oldest one go if there are too many.
    void remember(http_request&& request);

    [[nodiscard]] std::size_t requests() const noexcept;
    [[nodiscard]] std::size_t requests(std::string_view target) const;
    [[nodiscard]] std::size_t connections() const noexcept;
    [[nodiscard]] std::size_t open_connections() const noexcept;
    [[nodiscard]] std::size_t peak_concurrent_requests() const noexcept;
    [[nodiscard]] std::vector<http_request> log() const;

private:
    struct target_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view target) const noexcept { return std::hash<std::string_view>{}(target); }
    };

    std::atomic<std::size_t> requests_{0};
    std::atomic<std::size_t> connections_{0};
    std::atomic<std::size_t> open_connections_{0};
    std::atomic<std::size_t> peak_concurrent_requests_{0};
    std::size_t concurrent_requests_ = 0;

    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::size_t, target_hash, std::equal_to<>> by_target_;
    std::deque<http_request> log_;
};

}  // namespace penstock::testing::detail
