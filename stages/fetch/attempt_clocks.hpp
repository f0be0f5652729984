#pragma once

#include <algorithm>
#include <chrono>

#include "linked_list.hpp"
#include "retry_policy.hpp"

namespace penstock::fetch_stage {

/// What is timed of an attempt that is under way.
struct timed_attempt {
    time_point ends{};
    time_point::duration left{};  ///< While its clock is stopped.
    time_point connected_by{};
    list_link<timed_attempt> by_end;
    list_link<timed_attempt> by_connection;
};

/// The clocks of all attempts under way. libcurl's own cost it 5 % of all that it does for a small page, and they could
/// not be stopped while a transfer is held up by us. All attempts have the same time, so the lists are in order by
/// themselves, but for those whose clocks were stopped. Without I/O or clock. One thread.
class attempt_clocks {
public:
    struct times {
        std::chrono::milliseconds whole;       ///< For an attempt.
        std::chrono::milliseconds connection;  ///< For what it needs until it is connected.
    };
    explicit attempt_clocks(times most) : most_(most) {}

    void begin(timed_attempt& one, time_point now) noexcept {
        one.ends = now + most_.whole;
        by_end_.push_back(one);
    }
    /// Also gives it the time for a connection, from now; `connected` takes that off again.
    void begin_connection(timed_attempt& one, time_point now) noexcept {
        connected(one);
        one.connected_by = now + most_.connection;
        by_connection_.push_back(one);
    }
    void connected(timed_attempt& one) noexcept {
        if (connections::holds(one)) by_connection_.erase(one);
    }
    /// Stops its clock: we hold it up ourselves.
    void stop(timed_attempt& one, time_point now) noexcept {
        if (!ends::holds(one)) return;
        one.left = one.ends - now;
        by_end_.erase(one);
    }
    /// Lets its clock run again.
    void go_on(timed_attempt& one, time_point now) noexcept {
        one.ends = now + one.left;
        timed_attempt* before = by_end_.back();
        while (before != nullptr && before->ends > one.ends) before = ends::before(*before);
        by_end_.insert_behind(before, one);
    }
    void end(timed_attempt& one) noexcept {
        connected(one);
        if (ends::holds(one)) by_end_.erase(one);
    }

    /// When something is due; `time_point::max()` if nothing is.
    time_point next() const noexcept {
        const time_point end = by_end_.empty() ? time_point::max() : by_end_.front()->ends;
        return by_connection_.empty() ? end : std::min(end, by_connection_.front()->connected_by);
    }
    /// An attempt whose time is over; null if there is none.
    timed_attempt* late(time_point now) const noexcept {
        return !by_end_.empty() && by_end_.front()->ends <= now ? by_end_.front() : nullptr;
    }
    /// An attempt whose time for a connection is over, connected or not; null if there is none.
    timed_attempt* late_connection(time_point now) const noexcept {
        return !by_connection_.empty() && by_connection_.front()->connected_by <= now ? by_connection_.front()
                                                                                      : nullptr;
    }

private:
    using ends = linked_list<timed_attempt, &timed_attempt::by_end>;
    using connections = linked_list<timed_attempt, &timed_attempt::by_connection>;

    times most_;
    ends by_end_;
    connections by_connection_;
};

}  // namespace penstock::fetch_stage
