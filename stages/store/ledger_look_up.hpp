#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "ledger_reader.hpp"
#include "penstock/detail/run_services.hpp"

namespace penstock::detail {

/// A run's look-ups in its ledger. A ledger that is empty when the run begins is asked nothing, until somebody else
/// turns out to settle items of the same list. One thread at a time, all but `stop` and `others_settle_too`.
class ledger_look_up {
public:
    /// Begins a run; without a reader it has no ledger.
    void open(std::unique_ptr<ledger_reader> from);
    /// How long a look-up is tried again that meets nobody's fault, as a batch would be.
    void be_patient(std::chrono::nanoseconds retry_for) noexcept { retry_for_ = retry_for; }

    /// See `any_ledger::look_up`. A ledger that cannot be read fails the run: going on without it would fetch
    /// everything again.
    bool look_up(std::span<slot* const> items, std::vector<bool>& settled, run_services& run);

    /// A batch has met items that this run has not settled, or not in this batch: there is something to be found. Any
    /// thread.
    void others_settle_too() noexcept { worth_it_.store(true, std::memory_order_relaxed); }

    /// Ends a look-up that waits, and all that follow in this run. Any thread.
    void stop() noexcept;

private:
    std::chrono::nanoseconds retry_for_{};
    std::vector<item_key> keys_;
    std::atomic<bool> worth_it_{false};
    std::mutex mutex_;                     ///< Of the pointer; the reader itself may be interrupted from any thread.
    std::shared_ptr<ledger_reader> from_;  ///< Also of a look-up that is under way.
};

}  // namespace penstock::detail
