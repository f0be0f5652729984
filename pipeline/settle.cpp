#include <algorithm>
#include <exception>
#include <utility>

#include "penstock/detail/affordable_text.hpp"
#include "penstock/detail/have_near.hpp"
#include "penstock/detail/letters.hpp"
#include "run_state.hpp"

namespace penstock {

/// Takes those items out that are owed a letter which could not be written.
detail::slot_chain run_state::write_letters(detail::slot_chain& items, outcome how, std::size_t place) noexcept {
    // The sink has the last row of the figures, with a stage of its own together. By place, not by name: names may be
    // the same.
    auto& stages = metrics_->stages;
    if (place != abort_watch::before_stages) detail::add(stages[std::min(place, stages.size()) - 1].dead, items.size());
    detail::slot_chain told, owed;
    while (detail::slot* item = items.pop_front()) {
        detail::add(metrics_->errors[static_cast<std::size_t>(item->why().kind)], 1);
        (write_letter(*item, how) ? told : owed).push_back(*item);
    }
    items = told;
    return owed;
}

bool run_state::write_letter(const detail::slot& item, outcome how) noexcept {
    const auto failed = [&](const char* why) {
        fail_run(detail::affordable_text(
            [&] { return "the dead-letter sink failed for item " + std::to_string(item.ordinal) + ": " + why; }));
    };
    auto* const to = options_.dead_letters.target();
    try {
        const dead_letter letter = detail::letter_of(item, how);
        // One at a time, as promised to the sink; failures are rare enough for a lock.
        const std::lock_guard lock(letters_mutex_);
        if (first_dead_.empty()) first_dead_ = detail::affordable_text([&] { return detail::one_line(letter); });
        const place_held inside(doing_, doing_.letters_place(), letters_name_);
        if (to != nullptr) to->write(letter);
        return true;
    } catch (const std::exception& error) {
        // Without a sink no letter is owed to anybody: the item is counted, and that is all.
        if (to != nullptr) failed(error.what());
    } catch (...) {
        if (to != nullptr) failed("it threw what is no std::exception");
    }
    return to == nullptr;
}

void run_state::settle(detail::slot_chain items, outcome how) noexcept {
    if (how != outcome::committed && how != outcome::dead) return book(items, how, sink_place_);
    if (aborting_)
        for (const detail::slot* item = items.first(); item != nullptr; item = item->next)
            aborting_->judge(sink_place_, *item);
    bool any_failed = false;
    for (const detail::slot* item = items.first(); item != nullptr; item = item->next)
        any_failed = any_failed || item->has_failed();
    if (!any_failed) return book(items, how, sink_place_);  // As nearly always: the chain stays as it is.
    detail::slot_chain committed, dead;
    while (detail::slot* const item = items.pop_front()) (item->has_failed() ? dead : committed).push_back(*item);
    book(committed, outcome::committed, sink_place_);
    book(dead, outcome::dead, sink_place_);
}

void run_state::book(detail::slot_chain items, outcome how, std::size_t place) noexcept {
    if (items.empty()) return;
    // Whose letter could not be written is not recorded: the next run finds it anew.
    if (how == outcome::dead || how == outcome::in_doubt) let_go(write_letters(items, how, place), how);
    if (items.empty()) return;
    if (ledger_ != nullptr && (how == outcome::dead || how == outcome::dropped)) {
        // The letter comes first: whoever is killed between the two has one letter too many, never one too few.
        for (detail::slot* item = items.first(); item != nullptr; item = item->next) {
            item->recorded = how;
            item->drop_value();
        }
        ledger_->record(items);
    } else {
        let_go(items, how);
    }
}

void run_state::turn_away(detail::slot_chain items, outcome how) noexcept {
    if (items.empty()) return;
    const std::uint64_t much = items.size();
    let_go(items, how);
    turned_away_.fetch_add(much, std::memory_order_release);
    ready_.poke();
}

void run_state::let_go(detail::slot_chain items, outcome how) noexcept {
    if (items.empty()) return;
    for (detail::slot* item = items.first(); item != nullptr; item = item->next) {
        if (item->next != nullptr) detail::have_origin_near(*item->next);
        item->clear();
        item->in_flight = false;
    }

    // In flight is at its highest just before something is settled. `taken` is read first: a bound from below.
    const std::uint64_t much = items.size();
    const std::uint64_t taken = metrics_->taken.load(std::memory_order_relaxed);
    const std::uint64_t before = metrics_->all_settled.fetch_add(much, std::memory_order_acq_rel);
    if (taken > before && taken - before > detail::read(metrics_->peak_in_flight)) {
        auto peak = detail::read(metrics_->peak_in_flight);
        while (peak < taken - before
               && !metrics_->peak_in_flight.compare_exchange_weak(peak, taken - before, std::memory_order_relaxed)) {
        }
    }
    metrics_->settled[static_cast<std::size_t>(how)].fetch_add(much, std::memory_order_release);
    table_.give_back(items);
}

}  // namespace penstock
