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
    transfer* sending = nullptr;  ///< Null while it waits.
    time_point deadline{};        ///< By the clock of items, see `fetch_run`.

    // What sending a usual request takes, read when it came: its slot is long out of the cache when its turn comes.
    split_url where;
    std::string_view url;
    std::string_view tag;
    bool plain = true;        ///< See `is_plain`.
    bool has_fields = false;  ///< The request has headers of its own.

    /// Whose list `turn` is of.
    enum class waits_for : unsigned char { host, proxy, target };
    waits_for waiting = waits_for::host;
    breaker::pass pass = breaker::pass::none;  ///< What the attempt under way counts as at its target's breaker.
    bool stuck = false;                        ///< The last attempt ran out of time, perhaps because of its connection.
    bool has_past = false;                     ///< An attempt has failed: see the end.
    unsigned attempts = 0;                     ///< Begun so far.
    list_link<job> age;                        ///< All jobs in order of admission, so in order of deadline.
    list_link<job> turn;                       ///< Where it waits.
    time_point called{};                       ///< When it had its turn at its host.
    time_point sent{};                         ///< When the attempt under way began.
    way through;                               ///< Its way.
    std::uint32_t waits_at = 0;                ///< The proxy, if it waits for one.
    std::size_t sleeping_at = 0;               ///< Its place in its `wake_heap`, from 1; 0 while it does not sleep.
    time_point wakes{};                        ///< While it sleeps.

    // Of attempts that have failed.
    std::string last_reason;           ///< Why the last one failed; empty before.
    std::string last_proxy;            ///< Its proxy, as it is shown.
    int last_status = 0;               ///< Its status; 0 if it brought none.
    std::vector<std::uint32_t> tried;  ///< The proxies that have spoiled one.
    unsigned switches = 0;             ///< Those that another proxy's fault made necessary.

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
