#include "witness.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "penstock/page.hpp"
#include "penstock/request.hpp"

namespace penstock::testing {

namespace {

constexpr int poison = 0xdb;

struct room {
    std::byte* at;
    std::size_t size;
};

/// The memory of a slot that only its item may touch.
std::array<room, 3> rooms_of(detail::slot& one) {
    return {{{static_cast<std::byte*>(one.origin()), sizeof(request)},
             {static_cast<std::byte*>(one.value()), sizeof(page)},
             {static_cast<std::byte*>(one.spare()), sizeof(page)}}};
}

bool untouched(const room& in) {
    return std::all_of(in.at, in.at + in.size, [](std::byte one) { return one == std::byte{poison}; });
}

}  // namespace

void witness::note(const std::string& what, std::optional<std::uint64_t> item) {
    if (found()) return;
    finding_ = what;
    if (item) finding_ += " (item " + std::to_string(*item) + ')';
}

sighting& witness::operator[](std::uint64_t item) {
    if (item < items_.size()) return items_[item];
    note("somebody knows of an item that the source never gave", item);
    return nobody_ = sighting();
}

bool witness::nobody_open() const noexcept {
    return std::none_of(items_.begin(), items_.end(), [](const sighting& one) { return one.open; });
}

void witness::saw(const dead_letter& letter) {
    sighting& one = (*this)[letter.item];
    expect(one.open, "a letter for an item that is settled", letter.item);
    expect(!one.letter, "a second letter for an item", letter.item);
    expect(letter.how != outcome::in_doubt || one.in_doubt, "in doubt without a doubt", letter.item);
    expect(letter.attempts == one.attempts, "a letter with a wrong count of attempts", letter.item);
    if (letter.stage == "fetch") {
        expect(letter.kind != error_kind::local_resource || one.no_memory, "out of memory without a reason",
               letter.item);
        expect(!one.parsed, "fetch failed an item that it had handed on", letter.item);
    } else if (letter.stage == "store") {
        expect(one.refused || one.in_doubt || one.said == sighting::verdict::failed, "store failed a good item",
               letter.item);
    } else {
        expect(one.said == sighting::verdict::failed, "a stage failed an item that had not failed", letter.item);
    }
    one.letter = letter.how;
}

outcome witness::outcome_of(std::uint64_t item) {
    const sighting& one = items_[item];
    if (one.letter) {
        expect(!one.in_database, "an item with a letter is in the database", item);
        return *one.letter;
    }
    expect(one.said != sighting::verdict::failed && !one.refused && !one.in_doubt, "no letter for an item", item);
    if (one.in_database || one.settled_without_rows) return outcome::committed;
    if (one.said == sighting::verdict::dropped) return outcome::dropped;
    return outcome::abandoned;
}

void witness::look(run_state& state) {
    look_at_slots(state);
    look_at_figures(state);
}

void witness::look_at_slots(run_state& state) {
    slot_table& table = state.table();
    places_.resize(table.made());
    std::size_t held = 0;
    for (std::size_t at = 0; at < table.made(); ++at) {
        detail::slot& one = table[at];
        place& here = places_[at];
        if (here.holder && (!one.in_flight || one.ordinal != *here.holder)) {
            items_[*here.holder].open = false;
            ++settled_[static_cast<std::size_t>(outcome_of(*here.holder))];
            here.holder.reset();
        }
        if (one.in_flight) {
            ++held;
            expect((*this)[one.ordinal].open, "a settled item holds a slot", one.ordinal);
            here = {one.ordinal, false};
            continue;
        }
        expect(!one.holds_value() && one.origin_type() == nullptr, "a free slot holds a value");
        for (const room& part : rooms_of(one)) {
            expect(!here.poisoned || untouched(part), "a slot was written to while it was free");
            std::memset(part.at, poison, part.size);
        }
        here.poisoned = true;
    }
    const auto open = std::count_if(items_.begin(), items_.end(), [](const sighting& one) { return one.open; });
    expect(held == static_cast<std::size_t>(open), "an item holds no slot, or two");
}

void witness::look_at_figures(run_state& state) {
    const auto& figures = state.metrics();
    const std::uint64_t taken = detail::read(figures.taken);
    std::uint64_t sum = 0;
    for (std::size_t how = 0; how < outcome_count; ++how) {
        sum += detail::read(figures.settled[how]);
        expect(detail::read(figures.settled[how]) == settled_[how], "items booked under another outcome than theirs");
    }
    const auto open = std::count_if(items_.begin(), items_.end(), [](const sighting& one) { return one.open; });
    expect(detail::read(figures.all_settled) == sum, "another sum of what is settled than its parts");
    expect(taken == items_.size(), "another count of items than the source gave");
    expect(taken == sum + static_cast<std::uint64_t>(open), "the settlement identity does not hold");
    expect(taken <= sum + state.queue_size(), "more in flight than the queue is long");
    expect(detail::read(figures.peak_in_flight) <= state.queue_size(), "a peak above the queue's size");
}

void witness::close(const report& done) {
    const auto& settled = done.figures.settled;
    const std::uint64_t sum = std::accumulate(settled.begin(), settled.end(), std::uint64_t{0});
    expect(done.taken() == sum, "the settlement identity does not hold in the report");
    expect(done.taken() == items_.size(), "the report counts other items than the source gave");
    for (std::uint64_t item = 0; item < items_.size(); ++item) {
        const sighting& one = items_[item];
        expect(!one.open, "an item is open at the end", item);
        expect(!one.under_way, "an attempt is under way at the end", item);
        if (done.reason == end_reason::completed) {
            expect(outcome_of(item) != outcome::abandoned, "abandoned in a run that went its full course", item);
        }
    }
}

}  // namespace penstock::testing
