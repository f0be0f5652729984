#pragma once

#include "penstock/detail/run_services.hpp"
#include "penstock/detail/slot.hpp"

namespace penstock::detail {

/// What works on items between their admission and the stages, on threads of its own: fetch. A submitted item comes
/// back through `run_services::deliver` once, or is still inside when `close` is called.
class any_feed {
public:
    virtual ~any_feed() = default;

    virtual const value_type& makes() const noexcept = 0;

    /// Begins a run. The services outlive it.
    virtual void open(run_services& run) = 0;

    /// Takes an admitted item over; its origin holds what the source gave. Called on the source's thread.
    virtual void submit(slot& item) noexcept = 0;

    /// No more waiting: items that are not being transferred come back at once, to be settled as abandoned.
    virtual void stop() noexcept = 0;

    /// Everything comes back at once.
    virtual void abandon() noexcept = 0;

    /// Ends the threads. Items that are still inside stay in their slots for the sweep.
    virtual void close() noexcept = 0;
};

}  // namespace penstock::detail
