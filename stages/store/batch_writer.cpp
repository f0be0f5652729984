#include "batch_writer.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "penstock/detail/affordable_text.hpp"
#include "penstock/detail/metric_block.hpp"
#include "retry_schedule.hpp"

namespace penstock::detail {

bool batch_writer::write(batch work) noexcept {
    if (failed_ || abandoned_.load(std::memory_order_relaxed)) {
        run_.settle(std::move(work.items), outcome::abandoned);
        return false;
    }
    if (work.rows == 0) {
        run_.settle(std::move(work.items), outcome::committed);
        return true;
    }
    const auto began = std::chrono::steady_clock::now();
    write_result result = try_to_write(work);
    const std::chrono::nanoseconds busy = std::chrono::steady_clock::now() - began;
    switch (result.how) {
        case write_end::committed:
            add(run_.metrics().store.busy_ns, static_cast<std::uint64_t>(busy.count()));
            settle(std::move(work), std::move(result.refused));
            return true;
        case write_end::try_again:
        case write_end::gone:
            failed_ = true;
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

write_result batch_writer::try_to_write(const batch& work) noexcept {
    try {
        rows_.clear();
        for (slot* item = work.items.first(); item != nullptr; item = item->next)
            rows_.push_back(static_cast<const encoded_rows*>(item->value()));
        retry_schedule schedule(retry_for_);
        for (;;) {
            write_result result = to_->write(rows_);
            if (result.how != write_end::try_again) return result;
            const double draw = std::uniform_real_distribution()(dice_);
            const auto pause = schedule.after_failure(std::chrono::steady_clock::now(), result.most_tries, draw);
            if (!pause) return result;
            if (!to_->pause(*pause)) return {write_end::interrupted, {}, {}};
        }
    } catch (const std::exception& error) {
        return {write_end::gone, affordable_text([&] { return std::string("store: ") + error.what(); })};
    }
}

void batch_writer::settle(batch work, std::vector<refusal> refused) noexcept {
    slot_chain committed;
    slot_chain dead;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    auto next_refused = refused.begin();
    for (std::size_t place = 0; slot* item = work.items.pop_front(); ++place) {
        if (next_refused != refused.end() && next_refused->item == place) {
            item->fail("store", failure{error_kind::load, std::move(next_refused->reason)});
            dead.push_back(*item);
            ++next_refused;
            continue;
        }
        const auto& held = *static_cast<const encoded_rows*>(item->value());
        rows += held.rows;
        bytes += held.bytes.size();
        committed.push_back(*item);
    }
    auto& figures = run_.metrics().store;
    if (rows != 0) {
        add(figures.rows, rows);
        add(figures.bytes, bytes);
        add(figures.batches, 1);
    }
    if (!committed.empty()) run_.settle(std::move(committed), outcome::committed);
    if (!dead.empty()) run_.settle(std::move(dead), outcome::dead);
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
