#include "http_observations.hpp"

#include <utility>

namespace penstock::testing::detail {

void http_observations::connection_opened() noexcept {
    connections_.fetch_add(1);
    open_connections_.fetch_add(1);
}

void http_observations::connection_closed() noexcept { open_connections_.fetch_sub(1); }

void http_observations::request_arrived(const std::string& target) {
    {
        const std::lock_guard lock(mutex_);
        ++by_target_[target];
    }
    requests_.fetch_add(1);
    if (++concurrent_requests_ > peak_concurrent_requests_.load(std::memory_order_relaxed)) {
        peak_concurrent_requests_.store(concurrent_requests_);
    }
}

void http_observations::request_settled() noexcept { --concurrent_requests_; }

void http_observations::remember(http_request&& request) {
    const std::lock_guard lock(mutex_);
    log_.push_back(std::move(request));
    if (log_.size() > max_log_requests) {
        log_.pop_front();
    }
}

std::size_t http_observations::requests() const noexcept { return requests_.load(); }

std::size_t http_observations::requests(std::string_view target) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_target_.find(target);
    return found == by_target_.end() ? 0 : found->second;
}

std::size_t http_observations::connections() const noexcept { return connections_.load(); }

std::size_t http_observations::open_connections() const noexcept { return open_connections_.load(); }

std::size_t http_observations::peak_concurrent_requests() const noexcept { return peak_concurrent_requests_.load(); }

std::vector<http_request> http_observations::log() const {
    const std::lock_guard lock(mutex_);
    return {log_.begin(), log_.end()};
}

}  // namespace penstock::testing::detail
