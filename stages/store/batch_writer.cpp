#include "batch_writer.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "penstock/detail/affordable_text.hpp"
#include "penstock/detail/metric_block.hpp"

namespace penstock::detail {

bool batch_writer::write(batch work) noexcept {
    if (failed_.load(std::memory_order_relaxed) || abandoned_.load(std::memory_order_relaxed)) {
        run_.settle(std::move(work.items), outcome::abandoned);
        return false;
    }
    if (work.rows == 0) {
        run_.settle(std::move(work.items), outcome::committed);
        return true;
    }
    const auto began = std::chrono::steady_clock::now();
    std::optional<std::chrono::nanoseconds> rest;
    write_result result = try_to_write(work, rest);
    if (rest) {
        left_ = left_batch{std::move(work), *rest};
        return true;
    }
    const std::chrono::nanoseconds busy = std::chrono::steady_clock::now() - began;
    switch (result.how) {
        case write_end::committed:
            add(run_.metrics().store.busy_ns, static_cast<std::uint64_t>(busy.count()));
            settle(std::move(work), std::move(result.refused));
            return true;
        case write_end::try_again:
        case write_end::gone:
            give_up();
            run_.fail_run(std::move(result.reason));
            break;
        case write_end::interrupted: break;
        case write_end::in_doubt:
            settle_in_doubt(std::move(work), std::move(result));
            return !abandoned_.load(std::memory_order_relaxed);
    }
    run_.settle(std::move(work.items), outcome::abandoned);
    return false;
}

void batch_writer::abandon() noexcept {
    abandoned_.store(true, std::memory_order_relaxed);
    to_->interrupt();
}

/// Writes the batch, again and again if that may help. If another connection is to have it, says how long to rest.
write_result batch_writer::try_to_write(const batch& work, std::optional<std::chrono::nanoseconds>& rest) noexcept {
    try {
        rows_.clear();
        for (slot* item = work.items.first(); item != nullptr; item = item->next)
            rows_.push_back(static_cast<const encoded_rows*>(item->value()));
        for (;;) {
            write_result result = to_->write(rows_);
            if (result.how != write_end::try_again) {
                schedule_ = retry_schedule(retry_for_);
                return result;
            }
            const bool hand_over = result.elsewhere && others_are_well_ && others_are_well_();
            if (hand_over) schedule_.begin_time_anew();
            const double draw = std::uniform_real_distribution()(dice_);
            const auto pause = schedule_.after_failure(std::chrono::steady_clock::now(), result.most_tries, draw);
            if (!pause) return result;
            if (hand_over) {
                rest = pause;
                return result;
            }
            if (!to_->pause(*pause)) return {write_end::interrupted, {}, {}};
        }
    } catch (const std::exception& error) {
        return {write_end::gone, affordable_text([&] { return std::string("store: ") + error.what(); })};
    }
}

void batch_writer::settle(batch work, std::vector<refusal> refused) noexcept {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    auto next_refused = refused.begin();
    std::size_t place = 0;
    for (slot* item = work.items.first(); item != nullptr; item = item->next, ++place) {
        if (next_refused != refused.end() && next_refused->item == place) {
            item->fail("store", failure{error_kind::load, std::move(next_refused->reason)});
            ++next_refused;
            continue;
        }
        const auto& held = *static_cast<const encoded_rows*>(item->value());
        rows += held.rows;
        bytes += held.bytes.size();
    }
    auto& figures = run_.metrics().store;
    if (rows != 0) {
        add(figures.rows, rows);
        add(figures.bytes, bytes);
        add(figures.batches, 1);
    }
    run_.settle(std::move(work.items), outcome::committed);
}

void batch_writer::settle_in_doubt(batch work, write_result result) noexcept {
    slot_chain doubtful;
    slot_chain dead;
    auto next_refused = result.refused.begin();
    for (std::size_t place = 0; slot* item = work.items.pop_front(); ++place) {
        const bool refused = next_refused != result.refused.end() && next_refused->item == place;
        std::string why = refused ? std::move(next_refused->reason) : affordable_text([&] { return result.reason; });
        item->fail("store", failure{error_kind::load, std::move(why)});
        if (refused) ++next_refused;
        (refused ? dead : doubtful).push_back(*item);
    }
    if (!doubtful.empty()) run_.settle(std::move(doubtful), outcome::in_doubt);
    if (!dead.empty()) run_.settle(std::move(dead), outcome::dead);
}

}  // namespace penstock::detail
