#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "activity.hpp"
#include "intake.hpp"
#include "penstock/detail/blueprint.hpp"
#include "relief_crew.hpp"
#include "run_state.hpp"
#include "stage_rows.hpp"

namespace penstock {

/// The workers that TBB can really run for a `max_workers` on this machine.
unsigned possible_workers(unsigned max_workers);

/// Takes what is ready through the stages to the sink.
///
/// While one worker keeps up, the flow's own thread does it alone: a second one would cost more to wake up, and to send
/// to sleep again, than it would do. Once more is ready than that, a `tbb::parallel_pipeline` takes over, until it is
/// calm again and nothing is under way. Between the two all tokens are through, so that order and serial stages need
/// nothing else.
///
/// An item that holds up the worker that is alone, in a parallel stage, must not hold up the others: `relieve` sends a
/// fresh thread to go on with the rest. The held-up group is given back when its row is done.
class flow {
public:
    flow(detail::blueprint& plan, run_state& state, activity& doing);

    /// Runs until every item that is taken has been through. Does not throw.
    void run() noexcept;

    /// True if `relieve` has to be called from time to time.
    bool may_need_relief() const noexcept { return relievable_; }

    /// Relieves the worker that is alone if it is where it was at the last call. Waits for no callable. One thread,
    /// while `run` goes on.
    void relieve() noexcept;

    /// Takes what is ready through all stages and the sink on the calling thread, without TBB.
    void run_inline() noexcept;

private:
    using clock = std::chrono::steady_clock;

    /// What the worker that is alone does: nothing that another could do, a parallel row, one that holds it up while
    /// another goes on, or it is back from there.
    enum class lone : std::uint64_t { free, passing, relieved, back };

    /// With the number of the row that it has begun, so that nobody is sent to relieve it of the next one.
    static constexpr std::uint64_t lone_at(lone what, std::uint64_t begun) { return begun << 2 | std::uint64_t(what); }
    lone lone_now() const noexcept { return static_cast<lone>(lone_.load(std::memory_order_acquire) & 3); }

    struct input_filter;
    struct row_filter;
    struct last_row_filter;

    void work() noexcept;
    bool pass_alone(detail::slot_chain group, std::size_t row) noexcept;
    void finish() noexcept;
    void run_parallel(unsigned workers);
    detail::slot* next_group(unsigned workers, bool& ended);
    detail::slot_chain pass(std::size_t row, detail::slot* first);

    run_state& state_;
    stage_rows rows_;
    intake intake_;  // Whoever takes the run on, one at a time; handed over by `lone_` and by TBB's input filter.
    const bool relievable_;

    std::atomic<std::uint64_t> lone_{0};
    std::uint64_t begun_ = 0;  // Rows that a worker has begun alone.
    detail::slot_chain given_back_;
    std::size_t given_back_for_ = 0;  // The row that it is to go on with.

    std::mutex mutex_;  // Of all below, to the next blank line.
    std::condition_variable finished_;
    bool is_finished_ = false;
    relief_crew reliefs_;
    std::uint64_t seen_ = 0;      // What `lone_` was at the last look,
    std::uint64_t sent_for_ = 0;  // and when somebody was sent last.

    clock::time_point busy_until_{};         // The input filter's.
    std::atomic<std::size_t> under_way_{0};  // Groups that it gave to TBB and that are not through.
    std::atomic<bool> input_order_{false};
    std::atomic<bool> began_{false};       // What was there before TBB began is there for its threads,
    std::atomic<std::uint64_t> ended_{0};  // and what they did for whoever waited for its end.
};

}  // namespace penstock
