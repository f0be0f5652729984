#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "penstock/stages/fetch/fetch_options.hpp"
#include "scripted_curl.hpp"
#include "witness.hpp"

namespace penstock::testing {

/// Holds fetch to its times. Time passes only while fetch waits, and while it waits nobody is held up or let go on: so
/// this knows how long a transfer's clock has run. Of the items' clock it knows bounds.
class clocks_seen {
public:
    using time_point = virtual_clock::time_point;

    clocks_seen(witness& seen, const scripted_curl& curl, const fetch_options& options,
                std::chrono::nanoseconds item_timeout)
        : seen_(seen), curl_(curl), options_(options), item_timeout_(item_timeout) {}

    /// Fetch begins to wait, until `due` at the latest; `pages_out` if stages have pages that are not let go.
    void begin_wait(time_point due, bool pages_out);
    void end_wait();

    /// An item was admitted.
    void admitted(std::uint64_t item);
    /// Fetch was told to let go of everything.
    void abandoned() noexcept { abandoned_ = true; }

    /// No attempt of an item may begin or go on after this.
    time_point latest_deadline(std::uint64_t item) const;
    /// True if a time is over for an attempt that is under way, or nobody needs it any more.
    bool may_be_called_off(const curl_easy& one, std::uint64_t item) const;

    bool fetch_waits() const noexcept { return waiting_; }
    bool anyone_held_up() const;
    /// True if somebody is under way and all who are, are held up.
    bool all_held_up() const;

private:
    std::chrono::nanoseconds waited() const;
    std::chrono::nanoseconds ran(std::uint64_t item) const;

    witness& seen_;
    const scripted_curl& curl_;
    const fetch_options& options_;
    const std::chrono::nanoseconds item_timeout_;
    bool abandoned_ = false;
    bool waiting_ = false;
    time_point wait_began_{};
    // In all waits before: how long the items' clock stood still, at the least and at the most.
    std::chrono::nanoseconds least_{0}, most_{0};
    bool stands_still_ = false, may_stand_still_ = false;
};

}  // namespace penstock::testing
