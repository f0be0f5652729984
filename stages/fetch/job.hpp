#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "breaker.hpp"
#include "linked_list.hpp"
#include "penstock/detail/slot.hpp"
#include "penstock/request.hpp"
#include "retry_policy.hpp"
#include "split_url.hpp"
#include "way.hpp"

namespace penstock::fetch_stage {

struct host_queue;
class transfer;

/// An item while it is inside fetch. It is in one place at a time: in its host's queue, waiting for room at a proxy,
/// held back from its target, asleep until a retry, or being sent. Only the I/O thread touches it.
struct job {
    detail::slot* item = nullptr;
    host_queue* host = nullptr;
    split_url where;              ///< The request's URL.
    transfer* sending = nullptr;  ///< Null while it waits.
    time_point deadline{};        ///< By the clock of items, see `fetch_run`.
    time_point wakes{};           ///< While it sleeps.
    std::size_t sleeping_at = 0;  ///< Its place in its `wake_heap`, from 1; 0 while it does not sleep.
    unsigned attempts = 0;        ///< Begun so far.
    std::string last_reason;      ///< Why the last attempt failed; empty before.
    std::string last_proxy;       ///< The proxy of the last attempt, as it is shown.
    int last_status = 0;          ///< The last attempt's; 0 if it brought none.
    bool stuck = false;           ///< The last attempt ran out of time, perhaps because of its connection.
    list_link<job> age;           ///< All jobs in order of admission, so in order of deadline.
    list_link<job> turn;          ///< Where it waits.

    /// Whose list `turn` is of.
    enum class waits_for : unsigned char { host, proxy, target };
    waits_for waiting = waits_for::host;
    std::uint32_t waits_at = 0;                ///< The proxy, if it is one.
    way through;                               ///< The way of the attempt under way.
    breaker::pass pass = breaker::pass::none;  ///< What the attempt under way counts as at its target's breaker.
    time_point sent{};                         ///< When that began.
    std::vector<std::uint32_t> tried;          ///< The proxies that have spoiled an attempt of it.
    unsigned switches = 0;                     ///< Attempts that another proxy's fault made necessary.

    /// What the breaker counts its attempts under.
    std::string_view target() const noexcept;
    std::string_view host_origin() const noexcept;
    /// What has the same proxy and session.
    std::string_view proxy_key() const noexcept;

    const request& asked() const noexcept { return *static_cast<const request*>(item->origin()); }
};

using jobs_by_age = linked_list<job, &job::age>;
using jobs_by_turn = linked_list<job, &job::turn>;

}  // namespace penstock::fetch_stage
