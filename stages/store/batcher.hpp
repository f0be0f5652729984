#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "penstock/detail/slot.hpp"

namespace penstock::detail {

/// Items that go into the database in one transaction.
struct batch {
    slot_chain items;
    slot_chain notes;  ///< Items for the ledger only; see `any_ledger::record`.
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;  ///< Of the rows, and about those of the notes.
};

/// What closes a batch. None is 0.
struct batch_limits {
    std::size_t max_rows;
    std::size_t max_bytes;
    std::size_t max_items;
    std::chrono::steady_clock::duration max_age;
};

/// Decides which items go together. Knows no thread and no clock; allocates nothing, for the items wait in their own
/// slots. Batches are cut when they are taken, so items that come while another batch commits fill the next one up.
class batcher {
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit batcher(batch_limits limits) noexcept : limits_(limits) {}

    /// Lets items wait. The value of each is an `encoded_rows`.
    void add(slot_chain items, time_point now) noexcept;

    /// Lets items wait that have no rows, and are only to be recorded. They are items of a batch like the others, and
    /// their letters bytes of it.
    void add_notes(slot_chain items, time_point now) noexcept;

    /// Lets a batch that was taken wait again, in front of all that came later.
    void put_back(batch work) noexcept;

    bool empty() const noexcept { return waiting_.items.empty() && waiting_.notes.empty(); }

    /// True if what waits is enough for a batch, whatever its age.
    bool full() const noexcept;

    /// When the oldest item will have waited for `max_age`. Only if it is not empty.
    time_point due() const noexcept;

    /// Takes the oldest items and notes, in order, as many as the limits allow and always one: an item that is larger
    /// than a batch goes alone. Empty only if nothing waits.
    batch take() noexcept;

private:
    batch_limits limits_;
    batch waiting_;
};

/// The largest number of items in a batch: a quarter of what may be in flight, so that a batch commits while others
/// are still on their way; less where several commit at the same time.
constexpr std::size_t max_batch_items(std::size_t queue_size, std::size_t connections = 1) noexcept {
    const std::size_t parts = connections < 2 ? 4 : 2 * connections;
    return queue_size < 2 * parts ? 1 : queue_size / parts;
}

}  // namespace penstock::detail
