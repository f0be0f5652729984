#pragma once

#include <memory>
#include <vector>

#include "multi_set.hpp"
#include "transfer.hpp"

namespace penstock::fetch_stage {

/// The transfers of a run, made when they are first needed. An origin is served by the transfer that served it last,
/// whose connection is warm; another is made, up to the limit, before one is taken from another origin. One thread.
class transfer_pool {
public:
    transfer_pool(std::size_t most, multi_set& multis, const transfer::surroundings& around)
        : most_(most), multis_(multis), around_(around) {}
    ~transfer_pool();
    transfer_pool(const transfer_pool&) = delete;
    transfer_pool& operator=(const transfer_pool&) = delete;

    /// An idle transfer for an origin, no longer idle. `left` is the origin that it was taken from, if any. Throws
    /// `std::bad_alloc` if there is none and none can be made.
    transfer& take(host_queue& host, host_queue*& left);
    /// A transfer that has ended is kept for the origin.
    void keep(transfer& one, host_queue& host) noexcept;

    bool start(transfer& one) noexcept { return one.in_multi = multis_.add(one.multi(), one.easy()); }
    void cancel(transfer& one) noexcept {
        if (one.in_multi) multis_.remove(one.multi(), one.easy());
        one.in_multi = false;
    }

private:
    void leave_idle(transfer& one) noexcept;

    std::size_t most_;
    multi_set& multis_;
    transfer::surroundings around_;
    std::vector<std::unique_ptr<transfer>> all_;
    linked_list<idle_place, &idle_place::of_all> idle_;  ///< The longest idle first.
};

}  // namespace penstock::fetch_stage
