#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host_queue.hpp"
#include "job.hpp"
#include "penstock/detail/proxy_metrics.hpp"
#include "proxy_address.hpp"
#include "proxy_pool.hpp"
#include "session_book.hpp"

namespace penstock::fetch_stage {

/// The proxies of a run: where they are, which one is chosen, who waits for one, and what is counted of them. Without
/// I/O or clock. One thread.
class proxy_set {
public:
    /// The options have been checked. `sessions` are those that keys have at proxies. Throws `std::bad_alloc`.
    proxy_set(const fetch_options& options, detail::proxy_metrics& metrics, std::uint32_t seed, session_book& sessions);

    /// True if attempts go through proxies; nothing below may be asked otherwise.
    bool any() const noexcept { return !addresses_.empty(); }
    std::size_t size() const noexcept { return addresses_.size(); }
    /// True if an attempt at an origin that was never asked may have a name looked up here: the target's, or that of a
    /// proxy that was not used yet.
    bool may_look_up() const noexcept { return resolves_here_ || names_unknown_ != 0; }
    /// This proxy's name was looked up, or it has failed an attempt: then it will be left alone.
    void name_known(std::uint32_t number) noexcept { names_unknown_ -= std::exchange(unknown_[number], 0); }
    const proxy_address& at(std::uint32_t number) const noexcept { return addresses_[number]; }
    proxy_pool& pool() noexcept { return pool_; }
    detail::proxy_metrics::row& figures(std::uint32_t number) noexcept { return (*rows_)[number]; }

    static proxy_pool::asked asked_by(const job& one) noexcept {
        return {one.host_origin(), one.proxy_key(), one.tried};
    }

    /// The way through a proxy for a key, without its identity; `lasts` says whether it has one. Throws
    /// `std::bad_alloc`.
    way way_through(std::uint32_t number, std::string_view key, bool& lasts);
    /// An attempt for this key was spoiled that went this way: the next has another session there. Throws
    /// `std::bad_alloc`.
    void renew_session(const way& through, std::string_view key);

    /// Jobs that wait for room at a proxy.
    void wait(job& one, std::uint32_t number) noexcept;
    void withdraw(job& one) noexcept;
    /// The jobs of an origin that waited so, in their order.
    jobs_by_turn call_back(const host_queue& host) noexcept;
    /// A job, no longer waiting, whose proxy has room or takes no more for its target; null if there is none.
    job* take_waiter(time_point now) noexcept;
    /// True if there is such a job.
    bool waiter_ready(time_point now) const noexcept;
    /// When the next proxy that is waited for has room again by its rate; `time_point::max()` if none does by itself.
    time_point next_time(time_point now) const noexcept;

private:
    bool may_go_on(std::uint32_t number, const job& first, time_point now) const noexcept;

    std::vector<proxy_address> addresses_;
    proxy_pool pool_;
    session_book& sessions_;
    bool resolves_here_ = false;
    std::vector<unsigned char> unknown_;  ///< 1 for a proxy whose name is still to be looked up.
    std::size_t names_unknown_ = 0;       ///< How many these are.
    bool fresh_sessions_;
    bool tunnel_;
    std::vector<jobs_by_turn> waiting_;
    std::size_t waiters_ = 0;
    std::shared_ptr<std::vector<detail::proxy_metrics::row>> rows_;
};

}  // namespace penstock::fetch_stage
