#pragma once

#include <stop_token>
#include <string>

#include "penstock/detail/any_ledger.hpp"
#include "penstock/detail/run_services.hpp"
#include "penstock/detail/slot.hpp"
#include "penstock/mode.hpp"

namespace penstock::detail {

/// The last piece of a chain, its types erased. The calls of one run come in this order: `preflight`, `open`, many
/// `take`, `close`; `abandon` may come from another thread at any time between `open` and the return of `close`.
class any_sink {
public:
    virtual ~any_sink() = default;

    const std::string& name() const noexcept { return name_; }
    penstock::mode mode() const noexcept { return mode_; }

    /// True if `take` settles its items before it returns, on the calling thread.
    virtual bool works_inline() const noexcept { return false; }

    /// Where the sink keeps a ledger beside what it writes; null if it keeps none.
    virtual any_ledger* ledger() noexcept { return nullptr; }

    /// Checks that the sink can work, before anything is taken. Throws `preflight_failed` or `bad_option`, the former
    /// also if it had to wait and the token was stopped meanwhile.
    virtual void preflight(const std::stop_token& ending) { (void)ending; }

    /// Begins a run. The services outlive it.
    virtual void open(run_services& run) = 0;

    /// Takes items over; settles each, now or later. One call at a time unless the mode is parallel.
    virtual void take(slot_chain items) noexcept = 0;

    /// Everything has been taken: returns when all of it is settled.
    virtual void close() noexcept {}

    /// The run is cut short: whatever waits or blocks must come back and settle its items as abandoned.
    virtual void abandon() noexcept {}

protected:
    any_sink(std::string name, penstock::mode mode) : name_(std::move(name)), mode_(mode) {}

private:
    std::string name_;
    penstock::mode mode_;
};

}  // namespace penstock::detail
