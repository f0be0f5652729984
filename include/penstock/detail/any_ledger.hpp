#pragma once

#include <span>
#include <string>
#include <vector>

#include "penstock/detail/slot.hpp"

namespace penstock::detail {

/// What a run wants of its ledger.
struct ledger_choice {
    std::string name;  ///< Empty: the run has none.
    bool retry_dead = false;
};

/// A record of the items that are settled, kept by a sink in the database of its rows. The engine asks it about items
/// before they are fetched, and tells it of those that never reach the sink; what reaches the sink it records itself,
/// in the transaction of the rows. The calls come in this order: `choose` and the sink's `preflight`, the sink's
/// `open`, then the others, until the sink's `close`.
class any_ledger {
public:
    /// Which ledger the next run has. Throws `bad_option` for a name that cannot be one.
    virtual void choose(ledger_choice what) = 0;

    /// Says of each item whether it is settled already and not to be taken up again. May block; one thread at a time.
    /// False if it was interrupted, or the world is gone and the run was told so. Throws `std::bad_alloc` only.
    virtual bool look_up(std::span<slot* const> items, std::vector<bool>& settled) = 0;

    /// Ends a look-up that waits, now and for the rest of the run. Any thread.
    virtual void stop_looking() noexcept = 0;

    /// Takes items over that were dropped or are dead, as `slot::recorded` says, with their letters written. They are
    /// settled by `run_services::settle_recorded` once the ledger holds them, or when it cannot any more. Any thread.
    virtual void record(slot_chain items) noexcept = 0;

protected:
    ~any_ledger() = default;
};

}  // namespace penstock::detail
