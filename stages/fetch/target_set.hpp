#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "breaker.hpp"
#include "host_queue.hpp"
#include "job.hpp"
#include "text_map.hpp"
#include "wake_heap.hpp"

namespace penstock::fetch_stage {

/// A target that something speaks against, and the jobs that are held until it is well again.
struct target {
    std::string name;
    breaker state;
    failure last;  ///< What it failed with the last time.
    jobs_by_turn held;
    time_point wakes{};  ///< When a probe may go, if there is a job for it.
    std::size_t sleeping_at = 0;
};

/// The targets that something speaks against: of a healthy one nothing is kept. Without I/O or clock. One thread.
class target_set {
public:
    bool empty() const noexcept { return targets_.empty(); }
    std::size_t size() const noexcept { return targets_.size(); }

    /// Null if nothing speaks against it.
    target* find(std::string_view name) noexcept;
    /// Throws `std::bad_alloc`.
    target& find_or_add(std::string_view name);
    /// Forgets a target that is well.
    void forget_if_clear(target& one) noexcept;

    /// Holds a job back. It no longer counts at its host.
    void hold(target& at, job& one) noexcept;
    void let_go(target& at, job& one) noexcept;
    std::size_t held() const noexcept { return held_; }
    /// To be called when the state of a target has changed that may hold jobs.
    void update(target& one) noexcept;

    /// When a held job may go; `time_point::max()` if none will by itself.
    time_point next_time() const noexcept { return sleeping_.empty() ? time_point::max() : sleeping_.top().wakes; }
    /// A job that is no longer held, for its target may be asked again; null if there is none.
    job* take_due(time_point now) noexcept;

private:
    /// Targets that have failed and not been heard of since are forgotten beyond this, if they hold nothing.
    static constexpr std::size_t most = 10'000;

    text_map<std::unique_ptr<target>> targets_;
    wake_heap<target> sleeping_;
    std::size_t held_ = 0;
};

}  // namespace penstock::fetch_stage
