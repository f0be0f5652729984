#include "batch_writer.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <random>
#include <utility>

#include "penstock/detail/affordable_text.hpp"
#include "penstock/detail/letters.hpp"
#include "penstock/detail/metric_block.hpp"

namespace penstock::detail {

batch_writer::batch_writer(std::unique_ptr<connection> to, run_services& run, std::chrono::nanoseconds retry_for,
                           bool keeps_ledger)
    : to_(std::move(to)), run_(run), retry_for_(retry_for), keeps_ledger_(keeps_ledger) {
    to_->fill_waits_with([this] { settle_committed(); });
}

bool batch_writer::write(batch work) noexcept {
    if (failed_.load(std::memory_order_relaxed) || abandoned_.load(std::memory_order_relaxed)) {
        settle_notes(std::move(work.notes));
        run_.settle(std::move(work.items), outcome::abandoned);
        return false;
    }
    if (work.rows == 0 && !keeps_ledger_) {
        run_.settle(std::move(work.items), outcome::committed);
        return true;
    }
    const auto began = std::chrono::steady_clock::now();
    std::optional<std::chrono::nanoseconds> rest;
    write_result result = try_to_write(work, rest);
    settle_committed();  // Of the batch before, if there was no time yet.
    has_skipped_ = has_skipped_ || !result.skipped.empty();
    if (rest) {
        left_ = left_batch{std::move(work), *rest};
        return true;
    }
    const std::chrono::nanoseconds busy = std::chrono::steady_clock::now() - began;
    switch (result.how) {
        case write_end::committed:
            add(run_.metrics().store.busy_ns, static_cast<std::uint64_t>(busy.count()));
            if (result.refused.empty() && result.skipped.empty() && work.notes.empty())
                committed_ = std::move(work);
            else
                settle(std::move(work), result, outcome::committed);
            return true;
        case write_end::try_again:
        case write_end::gone:
            give_up();
            run_.fail_run(std::move(result.reason));
            break;
        case write_end::interrupted: break;
        case write_end::in_doubt:
            if (keeps_ledger_) {
                give_up();
                // A run that was cut short has its own reason.
                if (!abandoned_.load(std::memory_order_relaxed))
                    run_.fail_run(affordable_text([&] { return result.reason; }));
            }
            settle(std::move(work), result, outcome::in_doubt);
            return !keeps_ledger_ && !abandoned_.load(std::memory_order_relaxed);
    }
    settle_notes(std::move(work.notes));
    run_.settle(std::move(work.items), outcome::abandoned);
    return false;
}

void batch_writer::abandon() noexcept {
    abandoned_.store(true, std::memory_order_relaxed);
    to_->interrupt();
}

/// Writes the batch, again and again if that may help. If another connection is to have it, says how long to rest.
write_result batch_writer::try_to_write(const batch& work, std::optional<std::chrono::nanoseconds>& rest) noexcept {
    if (!tried_since_) tried_since_ = std::chrono::steady_clock::now();
    try {
        rows_.clear();
        for (slot* item = work.items.first(); item != nullptr; item = item->next)
            rows_.push_back(static_cast<const encoded_rows*>(item->value()));
        if (keeps_ledger_) turn_the_page(work);
        std::optional<write_result> doubt;
        for (;;) {
            write_result result = write_rows();
            if (result.how == write_end::in_doubt && keeps_ledger_) {
                // The next try finds out: it meets the keys in the ledger, or it does not.
                doubt = result;
                result.how = write_end::try_again;
                result.most_tries = retry_schedule::any_number;
            }
            if (result.how != write_end::try_again) {
                note_end(result.how == write_end::committed);
                schedule_ = retry_schedule(retry_for_);
                // What is committed is handed on without a copy: there may be no memory for one.
                if (result.how != write_end::committed && doubt) return std::move(*doubt);
                return result;
            }
            const bool hand_over = result.elsewhere && !doubt && others_are_well_ && others_are_well_();
            if (hand_over) schedule_.begin_time_anew();
            const double draw = std::uniform_real_distribution()(dice_);
            const auto pause = schedule_.after_failure(std::chrono::steady_clock::now(), result.most_tries, draw);
            if (!pause) return doubt.value_or(std::move(result));
            note_trouble(result.reason);
            if (hand_over) {
                note_end(false);
                rest = pause;
                return result;
            }
            settle_committed();
            if (!to_->pause(*pause)) return doubt.value_or(write_result{write_end::interrupted, {}, {}});
        }
    } catch (const std::exception& error) {
        return {write_end::gone, affordable_text([&] { return std::string("store: ") + error.what(); })};
    }
}

/// Counts a try that is to be made again, and says so in the log once it is more than a hiccup.
void batch_writer::note_trouble(const std::string& reason) noexcept {
    add(run_.metrics().store.retries, 1);
    if (warned_ || std::chrono::steady_clock::now() - *tried_since_ < std::chrono::seconds(1)) return;
    warned_ = true;
    run_.warn(affordable_text([&] { return "store waits for its database: " + reason; }));
}

void batch_writer::note_end(bool well) noexcept {
    if (warned_ && well) run_.warn("store: the database takes rows again");
    warned_ = false;
    tried_since_.reset();
}

write_result batch_writer::write_rows() {
    return keeps_ledger_ ? to_->write_once(rows_, {keys_, notes_, number_}) : to_->write(rows_);
}

/// Collects what the ledger is to hold of the batch.
void batch_writer::turn_the_page(const batch& work) {
    keys_.clear();
    notes_.clear();
    for (const slot* item = work.items.first(); item != nullptr; item = item->next) keys_.push_back(item->key);
    for (const slot* item = work.notes.first(); item != nullptr; item = item->next) {
        const bool dead = item->recorded == outcome::dead;
        notes_.push_back({item->key, dead ? item_state::dead : item_state::dropped,
                          dead ? json_of(letter_of(*item, outcome::dead)) : std::string()});
    }
    // In one order in all processes, so that two of them rarely wait for each other in a circle.
    std::ranges::stable_sort(notes_, {}, &ledger_note::key);
    const auto same_key = [](const ledger_note& one, const ledger_note& other) { return one.key == other.key; };
    notes_.erase(std::unique(notes_.begin(), notes_.end(), same_key), notes_.end());
    number_ = static_cast<std::int64_t>(numbers_() >> 1);
}

/// Settles every item as what it is said to be, and those that nothing is said of as what went well.
void batch_writer::settle(batch work, const write_result& result, outcome well) noexcept {
    slot_chain through;  // In their order, the refused ones among those that went well.
    slot_chain dead;
    slot_chain skipped;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    auto next_refused = result.refused.begin();
    auto next_skipped = result.skipped.begin();
    for (std::size_t place = 0; slot* item = work.items.pop_front(); ++place) {
        if (next_refused != result.refused.end() && next_refused->item == place) {
            item->fail("store", failure{error_kind::load, affordable_text([&] { return next_refused->reason; })});
            (well == outcome::committed ? through : dead).push_back(*item);
            ++next_refused;
        } else if (next_skipped != result.skipped.end() && *next_skipped == place) {
            skipped.push_back(*item);
            ++next_skipped;
        } else {
            const auto& held = *static_cast<const encoded_rows*>(item->value());
            rows += held.rows;
            bytes += held.bytes.size();
            if (well == outcome::in_doubt)
                item->fail("store", failure{error_kind::load, affordable_text([&] { return result.reason; })});
            through.push_back(*item);
        }
    }
    if (well == outcome::committed) count(rows, bytes);
    run_.settle(std::move(through), well);
    if (!dead.empty()) run_.settle(std::move(dead), outcome::dead);
    if (!skipped.empty()) run_.settle(std::move(skipped), outcome::skipped);
    settle_notes(std::move(work.notes));
}

void batch_writer::settle_committed() noexcept {
    if (committed_.items.empty()) return;
    batch done = std::exchange(committed_, batch());
    count(done.rows, done.bytes);
    run_.settle(std::move(done.items), outcome::committed);
}

/// Counts a batch that is committed.
void batch_writer::count(std::uint64_t rows, std::uint64_t bytes) noexcept {
    if (rows == 0) return;
    auto& figures = run_.metrics().store;
    add(figures.rows, rows);
    add(figures.bytes, bytes);
    add(figures.batches, 1);
}

/// What is dropped or dead is so whether or not the ledger holds it: without it, a later run takes the item up again.
void batch_writer::settle_notes(slot_chain notes) noexcept {
    slot_chain dropped;
    slot_chain dead;
    while (slot* item = notes.pop_front()) (item->recorded == outcome::dead ? dead : dropped).push_back(*item);
    run_.settle_recorded(std::move(dropped), outcome::dropped);
    run_.settle_recorded(std::move(dead), outcome::dead);
}

}  // namespace penstock::detail
