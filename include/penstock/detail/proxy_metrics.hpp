#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::detail {

/// A run's figures of its proxies, and the targets that are taken for dead now. The counters are written by fetch's
/// thread; everything may be read by any.
class proxy_metrics {
public:
    struct row {
        std::string shown;  ///< Never with a login.
        std::atomic<std::uint64_t> attempts{0}, answers{0}, faults{0}, lockouts{0};
    };

    /// The proxies, before anything is counted. Throws `std::bad_alloc`.
    void set_proxies(const std::vector<std::string>& shown) {
        auto rows = std::make_shared<std::vector<row>>(shown.size());
        for (std::size_t i = 0; i < shown.size(); ++i) (*rows)[i].shown = shown[i];
        const std::lock_guard lock(mutex_);
        rows_ = std::move(rows);
    }
    /// Good as long as it is held; null if there are none.
    std::shared_ptr<std::vector<row>> rows() const {
        const std::lock_guard lock(mutex_);
        return rows_;
    }

    /// A target is taken for dead from here on; no longer. The first throws `std::bad_alloc`.
    void opened(std::string_view target) {
        const std::lock_guard lock(mutex_);
        unhealthy_.emplace(target);
    }
    void closed(std::string_view target) noexcept {
        const std::lock_guard lock(mutex_);
        if (const auto at = unhealthy_.find(target); at != unhealthy_.end()) unhealthy_.erase(at);
    }
    bool is_unhealthy(std::string_view target) const {
        const std::lock_guard lock(mutex_);
        return unhealthy_.find(target) != unhealthy_.end();
    }

    std::atomic<std::uint64_t> breaker_opened{0};

private:
    mutable std::mutex mutex_;
    std::shared_ptr<std::vector<row>> rows_;
    std::set<std::string, std::less<>> unhealthy_;
};

}  // namespace penstock::detail
