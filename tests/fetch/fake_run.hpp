#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "penstock/detail/any_feed.hpp"
#include "penstock/detail/metric_block.hpp"
#include "penstock/detail/run_services.hpp"
#include "penstock/page.hpp"
#include "penstock/request.hpp"
#include "penstock/stages/fetch/fetch_options.hpp"

namespace penstock::testing {

/// An engine for tests of a feed: makes items, and keeps what comes back. `admit` on one thread; the rest on any.
class fake_run final : public penstock::detail::run_services {
public:
    struct options {
        std::size_t queue_size = 64;
        std::chrono::nanoseconds item_timeout = std::chrono::seconds(30);
        std::size_t max_bytes_in_flight = std::size_t{256} << 20;
    };
    fake_run() : fake_run(options{}) {}
    explicit fake_run(options how) : how_(how) {}

    /// An item whose origin is the request, admitted now.
    penstock::detail::slot& make(request asked) {
        auto& made = *items_.emplace_back(std::make_unique<item>());
        made.place.ordinal = items_.size() - 1;
        made.place.admitted = std::chrono::steady_clock::now();
        std::construct_at(static_cast<request*>(made.place.origin()), std::move(asked));
        made.place.set_origin(penstock::detail::value_type_of<request>);
        return made.place;
    }

    /// Makes an item and submits it.
    penstock::detail::slot& admit(penstock::detail::any_feed& feed, request asked) {
        auto& made = make(std::move(asked));
        feed.submit(made);
        return made;
    }

    /// Waits until so many items have come back, in the order in which they came; fewer after 30 s.
    std::vector<penstock::detail::slot*> wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        delivered_.wait_for(lock, std::chrono::seconds(30), [&] { return back_.size() >= count; });
        return back_;
    }
    std::size_t back() const {
        const std::lock_guard lock(mutex_);
        return back_.size();
    }

    void deliver(penstock::detail::slot_chain items) noexcept override {
        const std::lock_guard lock(mutex_);
        while (auto* const one = items.pop_front()) back_.push_back(one);
        delivered_.notify_all();
    }
    void settle(penstock::detail::slot_chain, outcome) noexcept override {}
    void fail_run(std::string) noexcept override {}
    bool abandoned() const noexcept override { return false; }
    penstock::detail::metric_block& metrics() noexcept override { return metrics_; }
    std::size_t queue_size() const noexcept override { return how_.queue_size; }
    std::size_t max_bytes_in_flight() const noexcept override { return how_.max_bytes_in_flight; }
    std::chrono::nanoseconds item_timeout() const noexcept override { return how_.item_timeout; }

private:
    struct item {
        alignas(request) std::byte origin[sizeof(request)];
        alignas(page) std::byte value[sizeof(page)];
        alignas(page) std::byte spare[sizeof(page)];
        penstock::detail::slot place{origin, value, spare};
    };

    options how_;
    penstock::detail::metric_block metrics_{{}};  // Outlives the items, whose pages hold bytes of it.
    std::deque<std::unique_ptr<item>> items_;
    mutable std::mutex mutex_;
    std::condition_variable delivered_;
    std::vector<penstock::detail::slot*> back_;
};

/// True if the item came back with a page.
inline bool has_page(penstock::detail::slot& item) { return !item.has_failed() && item.holds_value(); }
inline const page& page_of(penstock::detail::slot& item) { return *static_cast<const page*>(item.value()); }

}  // namespace penstock::testing
