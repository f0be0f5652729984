#pragma once

#include <atomic>
#include <vector>

#include "mailbox.hpp"
#include "penstock/detail/blueprint.hpp"
#include "run_state.hpp"

namespace penstock {

/// Stands between source and fetch in a run with a ledger, on a thread of its own, "penstock-ledger": asks the ledger
/// about all items that have come meanwhile, at once, settles those that it holds as skipped, and sends the others on
/// their way. Items wait in their slots, so that nothing here grows with the ledger.
class look_up {
public:
    /// Only for a run that has a ledger.
    look_up(detail::blueprint& plan, run_state& state);

    /// Takes over an item that was admitted. The source's thread.
    void add(detail::slot& item) noexcept { waiting_.push(detail::slot_chain(item)); }
    /// Nothing more will be added. The source's thread.
    void close() noexcept;

    /// Looks everything up that is added, until there will be no more. Once the run is ending, items are abandoned
    /// instead, as those that wait for a transfer are.
    void run() noexcept;

private:
    void settle_or_send() noexcept;

    detail::blueprint& plan_;
    run_state& state_;
    mailbox waiting_;
    std::atomic<bool> closed_{false};
    std::vector<detail::slot*> group_;  ///< Has room for the largest.
    std::vector<bool> settled_;
};

}  // namespace penstock
