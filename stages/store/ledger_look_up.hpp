#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "ledger_reader.hpp"
#include "penstock/detail/run_services.hpp"

namespace penstock::detail {

/// A run's look-ups in its ledger. One thread at a time, all but `stop`.
class ledger_look_up {
public:
    /// Begins a run; without a reader it has no ledger.
    void open(std::unique_ptr<ledger_reader> from);

    /// See `any_ledger::look_up`. A ledger that cannot be read fails the run: going on without it would fetch
    /// everything again.
    bool look_up(std::span<slot* const> items, std::vector<bool>& settled, run_services& run);

    /// Ends a look-up that waits, and all that follow in this run. Any thread.
    void stop() noexcept;

private:
    /// How often a group is asked for before the run fails.
    static constexpr unsigned max_tries = 3;

    std::vector<item_key> keys_;
    std::mutex mutex_;  ///< Of the pointer; the reader itself may be interrupted from any thread.
    std::unique_ptr<ledger_reader> from_;
};

}  // namespace penstock::detail
