#include "batcher.hpp"

#include <algorithm>
#include <utility>

#include "penstock/stages/store/encoded_rows.hpp"

namespace penstock::detail {
namespace {

encoded_rows& rows_of(slot& item) noexcept { return *static_cast<encoded_rows*>(item.value()); }

}  // namespace

void batcher::add(slot_chain items, time_point now) noexcept {
    for (slot* item = items.first(); item != nullptr; item = item->next) {
        encoded_rows& rows = rows_of(*item);
        rows.arrived = now;
        waiting_.rows += rows.rows;
        waiting_.bytes += rows.bytes.size();
    }
    waiting_.items.append(std::move(items));
}

void batcher::add_notes(slot_chain items, time_point now) noexcept {
    for (slot* item = items.first(); item != nullptr; item = item->next)
        item->admitted = now;  // Its first use is over.
    waiting_.notes.append(std::move(items));
}

void batcher::put_back(batch work) noexcept {
    work.items.append(std::move(waiting_.items));
    waiting_.items = std::move(work.items);
    work.notes.append(std::move(waiting_.notes));
    waiting_.notes = std::move(work.notes);
    waiting_.rows += work.rows;
    waiting_.bytes += work.bytes;
}

bool batcher::full() const noexcept {
    return waiting_.rows >= limits_.max_rows || waiting_.bytes >= limits_.max_bytes
           || waiting_.items.size() + waiting_.notes.size() >= limits_.max_items;
}

batcher::time_point batcher::due() const noexcept {
    time_point oldest = time_point::max();
    if (!waiting_.items.empty()) oldest = rows_of(*waiting_.items.first()).arrived;
    if (!waiting_.notes.empty()) oldest = std::min(oldest, waiting_.notes.first()->admitted);
    return oldest + limits_.max_age;
}

batch batcher::take() noexcept {
    batch taken;
    taken.notes = std::exchange(waiting_.notes, {});
    while (slot* oldest = waiting_.items.first()) {
        const encoded_rows& rows = rows_of(*oldest);
        const bool fits = taken.rows + rows.rows <= limits_.max_rows
                          && taken.bytes + rows.bytes.size() <= limits_.max_bytes
                          && taken.items.size() < limits_.max_items;
        if (!fits && !taken.items.empty()) break;
        taken.rows += rows.rows;
        taken.bytes += rows.bytes.size();
        taken.items.push_back(*waiting_.items.pop_front());
    }
    waiting_.rows -= taken.rows;
    waiting_.bytes -= taken.bytes;
    return taken;
}

}  // namespace penstock::detail
