#pragma once

#include <condition_variable>
#include <mutex>
#include <string>

#include "flow.hpp"
#include "penstock/detail/blueprint.hpp"
#include "run_state.hpp"

namespace penstock {

/// What the caller of `run` does meanwhile: it shows progress, and sees to it that a run that is ending does end. All
/// the work is done on other threads, so the caller may itself be a TBB worker, a callback, or the only thread.
class watch {
public:
    watch(detail::blueprint& plan, run_state& state, flow& flowing) : plan_(plan), state_(state), flow_(flowing) {}

    /// One of the run's threads has done its work. Any thread.
    void ended() noexcept;

    /// The run is ending: wakes the watch, so that the drain's clock starts. Any thread.
    void wake() noexcept;

    /// Returns when `ended` was called this often.
    void until_ended(unsigned threads) noexcept;

private:
    using clock = std::chrono::steady_clock;

    void begin_drain(clock::time_point now) noexcept;
    void cut_short() noexcept;
    void name_the_stuck(clock::time_point now) noexcept;
    void show_progress(clock::time_point now) noexcept;
    bool progress_wanted() const noexcept { return bool(state_.options().progress) && !progress_failed_; }

    detail::blueprint& plan_;
    run_state& state_;
    flow& flow_;

    std::mutex mutex_;
    std::condition_variable bell_;
    unsigned ended_ = 0;
    bool woken_ = false;

    bool draining_ = false;
    bool cut_ = false;
    bool progress_failed_ = false;
    std::string named_;  ///< The callables that were named last.
    clock::time_point drain_end_{};
    clock::time_point next_naming_{};
    clock::time_point next_progress_{};
    clock::time_point next_relief_{};
};

}  // namespace penstock
