#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "penstock/detail/any_sink.hpp"
#include "scripted_connection.hpp"
#include "stages/store/batch_writer.hpp"
#include "stages/store/batcher.hpp"

namespace penstock::testing {

/// The serial half of store without its thread: `step` does what the writer's thread does in one go.
class store_by_hand final : public detail::any_sink {
public:
    using time_point = detail::batcher::time_point;

    store_by_hand(const detail::batch_limits& limits, std::unique_ptr<scripted_connection> to, choices& script,
                  witness& seen)
        : any_sink("store", mode::serial),
          script_(script),
          limits_(limits),
          waiting_(limits),
          to_(std::move(to)),
          database_(to_.get()),
          seen_(seen) {}

    void open(detail::run_services& run) override {
        writer_ = std::make_unique<detail::batch_writer>(std::move(to_), run);
    }
    void take(detail::slot_chain items) noexcept override {
        waiting_.add(std::move(items), std::chrono::steady_clock::now());
    }
    void close() noexcept override { hurry_ = ending_ = true; }
    void abandon() noexcept override {
        hurry_ = true;
        writer_->abandon();
    }

    bool empty() const noexcept { return waiting_.empty(); }
    bool over() const noexcept { return ending_ && !writing_ && waiting_.empty(); }
    const scripted_connection& database() const noexcept { return *database_; }
    /// When `step` has something to do; far away if nothing waits.
    time_point due() const noexcept {
        if (writing_ || waiting_.empty()) return time_point::max();
        return hurry_ || waiting_.full() ? time_point::min() : waiting_.due();
    }

    /// Writes one batch. Only when it is due.
    void step() {
        detail::batch next = waiting_.take();
        seen_.expect(!next.items.empty(), "a batch of nothing");
        const bool fits =
            next.rows <= limits_.max_rows && next.bytes <= limits_.max_bytes && next.items.size() <= limits_.max_items;
        seen_.expect(fits || next.items.size() == 1, "a batch that is too large");
        std::vector<std::uint64_t> without_rows;
        if (next.rows == 0) {
            for (detail::slot* item = next.items.first(); item != nullptr; item = item->next)
                without_rows.push_back(item->ordinal);
        }
        writing_ = true;
        const bool alive = writer_->write(std::move(next));
        // The thread settles before it sleeps; whether it has to sleep is chosen here.
        if (waiting_.empty() || script_.one_in(2)) writer_->settle_committed();
        writing_ = false;
        for (const std::uint64_t item : without_rows) seen_[item].settled_without_rows = alive;
        if (!alive) hurry_ = true;
    }

private:
    choices& script_;
    const detail::batch_limits limits_;
    detail::batcher waiting_;
    std::unique_ptr<scripted_connection> to_;
    scripted_connection* database_;
    witness& seen_;
    std::unique_ptr<detail::batch_writer> writer_;
    bool hurry_ = false, ending_ = false, writing_ = false;
};

}  // namespace penstock::testing
