#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/detail/any_stage.hpp"
#include "penstock/detail/metric_block.hpp"
#include "penstock/detail/run_services.hpp"
#include "penstock/stages/store/encoded_rows.hpp"

namespace penstock::testing {

/// What the engine does for a store, without the engine: makes slots and remembers how they were settled.
class fake_run final : public detail::run_services {
public:
    /// How an item ended.
    struct settlement {
        outcome how;
        std::string reason;
    };

    explicit fake_run(std::size_t queue_size = 1000) : queue_size_(queue_size) {}

    /// An item whose value is already encoded.
    detail::slot& hold(detail::encoded_rows rows) {
        detail::slot& item = next_slot();
        std::construct_at(static_cast<detail::encoded_rows*>(item.value()), std::move(rows));
        item.set_value(detail::value_type_of<detail::encoded_rows>);
        return item;
    }

    /// An item that a stage turns into encoded rows; null if it fails there, which is settled at once.
    template <class In>
    detail::slot* encode(detail::any_stage& stage, In value) {
        detail::slot& item = next_slot();
        failure why;
        if (stage.apply(&value, item.spare(), why, 0) != detail::verdict::pass) {
            item.fail(stage.name(), std::move(why));
            settle(detail::slot_chain(item), outcome::dead);
            return nullptr;
        }
        item.advance(stage.makes());
        return &item;
    }

    void deliver(detail::slot_chain) noexcept override {}

    void settle(detail::slot_chain items, outcome how) noexcept override {
        const std::lock_guard lock(mutex_);
        while (detail::slot* item = items.pop_front()) {
            const outcome own = how == outcome::committed && item->has_failed() ? outcome::dead : how;
            const bool twice = !settled_.emplace(item->ordinal, settlement{own, item->why().reason}).second;
            if (twice) twice_ = true;
            item->clear();
        }
        changed_.notify_all();
    }

    void fail_run(std::string reason) noexcept override {
        const std::lock_guard lock(mutex_);
        if (failure_.empty()) failure_ = std::move(reason);
    }

    void warn(std::string_view text) noexcept override {
        const std::lock_guard lock(mutex_);
        warnings_.emplace_back(text);
    }

    bool abandoned() const noexcept override { return false; }
    detail::metric_block& metrics() noexcept override { return metrics_; }
    std::size_t queue_size() const noexcept override { return queue_size_; }
    std::size_t max_bytes_in_flight() const noexcept override { return SIZE_MAX; }
    std::chrono::nanoseconds item_timeout() const noexcept override { return std::chrono::seconds(300); }

    /// True once this many items are settled; false if that takes longer than 30 s.
    bool wait_for(std::size_t items) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return settled_.size() >= items; });
    }

    /// How many items ended so. No item may be settled twice; then it is a number that no test expects.
    std::size_t count(outcome how) const {
        const std::lock_guard lock(mutex_);
        if (twice_) return std::size_t(-1);
        std::size_t found = 0;
        for (const auto& [ordinal, end] : settled_) found += end.how == how ? 1 : 0;
        return found;
    }

    /// Items by their place in the order in which they were made, from 0.
    std::map<std::uint64_t, settlement> settled() const {
        const std::lock_guard lock(mutex_);
        return settled_;
    }

    /// Why the run failed; empty if it did not.
    std::string failed() const {
        const std::lock_guard lock(mutex_);
        return failure_;
    }

    std::vector<std::string> warnings() const {
        const std::lock_guard lock(mutex_);
        return warnings_;
    }

private:
    static constexpr std::size_t room = 128;
    static_assert(sizeof(detail::encoded_rows) <= room);
    struct place {
        alignas(std::max_align_t) std::byte rooms[3][room];
        detail::slot item{rooms[0], rooms[1], rooms[2]};
    };

    detail::slot& next_slot() {
        places_.push_back(std::make_unique<place>());
        places_.back()->item.ordinal = places_.size() - 1;
        return places_.back()->item;
    }

    const std::size_t queue_size_;
    std::deque<std::unique_ptr<place>> places_;
    detail::metric_block metrics_{std::vector<std::string>{}};
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::uint64_t, settlement> settled_;
    std::string failure_;
    std::vector<std::string> warnings_;
    bool twice_ = false;
};

}  // namespace penstock::testing
