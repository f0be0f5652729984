#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/detail/slot.hpp"
#include "penstock/outcome.hpp"

namespace penstock::detail {

struct metric_block;

/// What the engine does for fetch and the sinks during one run. All of it may be called from any thread.
class run_services {
public:
    /// Hands finished items from fetch to the stages: each holds a page, or has failed.
    virtual void deliver(slot_chain items) noexcept = 0;

    /// Books the outcome of every item of the chain, lets their values go and frees the slots. A sink gives its items
    /// in the order in which it was through with them: of those that are said to be committed, the ones that have
    /// failed (`slot::fail`) are booked as dead. Dead and doubtful ones get their letter.
    virtual void settle(slot_chain items, outcome how) noexcept = 0;

    /// The same for items that `any_ledger::record` took over: no letter is written, they have theirs.
    virtual void settle_recorded(slot_chain items, outcome how) noexcept { settle(items, how); }

    /// The world is gone: ends the run with `run_failed` after what is in flight has settled. The first reason is kept.
    virtual void fail_run(std::string reason) noexcept = 0;

    /// The same, for all proxies are locked out.
    virtual void no_usable_proxy(std::string reason) noexcept { fail_run(std::move(reason)); }

    /// Says in the log what a user should know although the run goes on. The text holds no secrets.
    virtual void warn(std::string_view text) noexcept { (void)text; }

    /// True once the run is cut short. What is not settled then is settled as abandoned.
    virtual bool abandoned() const noexcept = 0;

    virtual metric_block& metrics() noexcept = 0;
    virtual std::size_t queue_size() const noexcept = 0;
    virtual std::size_t max_bytes_in_flight() const noexcept = 0;
    virtual std::chrono::nanoseconds item_timeout() const noexcept = 0;

protected:
    ~run_services() = default;
};

}  // namespace penstock::detail
