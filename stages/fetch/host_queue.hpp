#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "job.hpp"
#include "linked_list.hpp"
#include "pace.hpp"
#include "retry_budget.hpp"

namespace penstock::fetch_stage {

/// The links of a transfer that is idle: it belongs to the host that used it last, if any.
struct idle_place {
    list_link<idle_place> at_host;
    list_link<idle_place> of_all;
    host_queue* home = nullptr;
};

/// What waits for one origin, and what is at hand to serve it.
struct host_queue {
    std::string origin;
    std::uint64_t id = 0;     ///< Never used again for another origin.
    bool name_known = false;  ///< False until the name was resolved once; until then one transfer goes alone.
    std::size_t jobs = 0;     ///< Inside fetch for it, wherever they are.
    unsigned under_way = 0;   ///< Transfers begun for it and not yet ended.
    bool ready = false;       ///< True while it stands in one of the two lists of `schedule`.
    jobs_by_turn waiting;

    bool pausing = false;         ///< The server asked to be left alone for a while.
    time_point wakes{};           ///< Until when nothing is sent, if it sleeps: for a pause or its rate.
    std::size_t sleeping_at = 0;  ///< Its place in its `wake_heap`, from 1; 0 while it does not sleep.
    pace::account sent{};
    retry_budget retries;
    time_point forgotten{};        ///< When it may be forgotten, if it rests.
    std::size_t forgotten_at = 0;  ///< Its place among those that rest, from 1; 0 while it is not one of them.

    /// Jobs that are not under way.
    std::size_t parked() const noexcept { return jobs - under_way; }

    list_link<host_queue> turn;
    linked_list<idle_place, &idle_place::at_host> idle;  ///< The last used first: its connection is the warmest.
};

inline std::string_view job::host_origin() const noexcept { return host->origin; }

inline std::string_view job::target() const noexcept {
    return asked().target.empty() ? std::string_view(host->origin) : std::string_view(asked().target);
}

inline std::string_view job::proxy_key() const noexcept {
    return asked().proxy_key.empty() ? std::string_view(host->origin) : std::string_view(asked().proxy_key);
}

}  // namespace penstock::fetch_stage
