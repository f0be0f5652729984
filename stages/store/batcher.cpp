#include "batcher.hpp"

#include <algorithm>
#include <utility>

#include "penstock/detail/letters.hpp"
#include "penstock/stages/store/encoded_rows.hpp"

namespace penstock::detail {
namespace {

encoded_rows& rows_of(slot& item) noexcept { return *static_cast<encoded_rows*>(item.value()); }

/// The notes of a batch go out in one statement, of which PostgreSQL takes less than 1 GB; and letters may grow on
/// their way, when they are quoted.
constexpr std::uint64_t most_bytes_of_notes = std::uint64_t{64} << 20;

/// About the bytes that a note has in its statement. The same whenever it is asked for: the item only waits.
std::uint64_t note_size(const slot& item) noexcept {
    constexpr std::uint64_t key_and_state = 64;
    return key_and_state + (item.recorded == outcome::dead ? letter_size(item) : 0);
}

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
    for (slot* item = items.first(); item != nullptr; item = item->next) {
        item->admitted = now;  // Its first use is over.
        waiting_.bytes += note_size(*item);
    }
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
    std::uint64_t bytes_of_notes = 0;
    while (!empty()) {
        slot* const item = waiting_.items.first();
        slot* const note = waiting_.notes.first();
        const bool is_note = item == nullptr || (note != nullptr && note->admitted < rows_of(*item).arrived);
        const std::uint64_t rows = is_note ? 0 : rows_of(*item).rows;
        const std::uint64_t bytes = is_note ? note_size(*note) : rows_of(*item).bytes.size();
        const std::size_t count = taken.items.size() + taken.notes.size();
        const bool fits = taken.rows + rows <= limits_.max_rows && taken.bytes + bytes <= limits_.max_bytes
                          && count < limits_.max_items && (!is_note || bytes_of_notes + bytes <= most_bytes_of_notes);
        if (!fits && count != 0) break;
        taken.rows += rows;
        taken.bytes += bytes;
        if (is_note) {
            bytes_of_notes += bytes;
            taken.notes.push_back(*waiting_.notes.pop_front());
        } else {
            taken.items.push_back(*waiting_.items.pop_front());
        }
    }
    waiting_.rows -= taken.rows;
    waiting_.bytes -= taken.bytes;
    return taken;
}

}  // namespace penstock::detail
