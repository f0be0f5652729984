#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "host_queue.hpp"
#include "text_map.hpp"
#include "wake_heap.hpp"

namespace penstock::fetch_stage {

/// Decides which job may be sent next: each origin's in the order in which they came and no more at once than allowed,
/// the origins in turn. An origin whose name was never resolved sends one job alone, and only so many of these resolve
/// at once, for each costs a thread. An origin that pauses or has used up its rate sleeps and is in nobody's way.
/// Without I/O or clock. One thread.
class schedule {
public:
    struct limits {
        std::size_t under_way = 1;  ///< Jobs that may be sent at once in all.
        unsigned per_host = 1;
        std::size_t resolving = 1;  ///< Origins with unknown names that may be tried at once.
        pace all = {};              ///< Of all origins together.
        pace each = {};             ///< Of an origin.
        std::size_t parked = 1;     ///< Jobs that an origin may park while it pauses.
    };
    explicit schedule(limits most) : most_(most) {}

    /// The queue of an origin; null if it was not seen before or has been forgotten.
    host_queue* find(std::string_view origin) noexcept;
    /// Adds an origin. Throws `std::bad_alloc`.
    host_queue& add(std::string_view origin, bool name_known);
    /// Forgets an origin that has no jobs, no idle transfer and nothing to sleep for; it may be added again. One that
    /// has used some of its burst or its retry budget is only forgotten when it has them back.
    void forget_if_idle(host_queue& host) noexcept;

    /// A job of this origin has come; it has left.
    void came(host_queue& host) noexcept { ++host.jobs, parked_ += host.pausing; }
    void left(host_queue& host) noexcept { --host.jobs, parked_ -= host.pausing; }

    void wait(job& one) noexcept;
    void withdraw(job& one) noexcept;

    /// Time stands still between two calls. Wakes the origins whose time has come.
    void set_time(time_point now) noexcept;
    /// When the next job may be sent that waits for a time; `time_point::max()` if none does.
    time_point next_time() const noexcept;

    /// Nothing more is sent to an origin until then; a pause is never made shorter.
    void pause(host_queue& host, time_point until) noexcept;
    /// Jobs that do not move because their origins pause.
    std::size_t parked() const noexcept { return parked_; }
    std::size_t parked_most() const noexcept { return most_.parked; }
    /// True if a pausing origin parks more jobs than it may.
    bool parks_too_many(const host_queue& host) const noexcept { return host.pausing && host.parked() > most_.parked; }

    /// True if there is a job that may be sent.
    bool ready() const noexcept { return next_host() != nullptr; }
    /// The next job to be sent, counted as under way from here on; null if none may be.
    job* next() noexcept;
    /// A job of this origin is no longer under way.
    void ended(host_queue& host) noexcept;
    /// This job counted as under way and was not sent; what its turn has cost of the rates is given back.
    void not_sent(job& one) noexcept;
    /// So it was not, and waits again, before all others of its origin.
    void take_back(job& one) noexcept;
    /// The origin's name was resolved.
    void name_known(host_queue& host) noexcept;

    std::size_t under_way() const noexcept { return under_way_; }
    std::size_t origins() const noexcept { return hosts_.size(); }

private:
    using turns = linked_list<host_queue, &host_queue::turn>;
    turns& list_of(const host_queue& host) noexcept { return host.name_known ? known_ : unknown_; }
    void update(host_queue& host) noexcept;
    void sleep(host_queue& host, time_point until) noexcept;
    void keep_pace(host_queue& host) noexcept;
    host_queue* next_host() const noexcept;
    time_point whole(const host_queue& host) const noexcept;

    std::unordered_map<std::string_view, std::unique_ptr<host_queue>, text_hash, std::equal_to<>> hosts_;
    host_queue* last_found_ = nullptr;
    limits most_;
    std::size_t under_way_ = 0;
    std::size_t resolving_ = 0;
    std::uint64_t next_id_ = 1;
    wake_heap<host_queue> sleeping_;
    wake_heap<host_queue, &host_queue::forgotten, &host_queue::forgotten_at> resting_;  ///< These may be sent to.
    time_point now_{};
    pace::account sent_{};
    std::size_t parked_ = 0;
    turns known_;
    turns unknown_;
};

}  // namespace penstock::fetch_stage
