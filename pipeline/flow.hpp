#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "activity.hpp"
#include "penstock/detail/blueprint.hpp"
#include "run_state.hpp"

namespace penstock {

/// The workers that TBB can really run for a `max_workers` on this machine.
unsigned possible_workers(unsigned max_workers);

/// The TBB side of a run: an input filter that takes what is ready, the stages, the sink. Nothing thrown by a user's
/// callable leaves a filter: TBB would lose the tokens that it holds.
///
/// A token is a group of slots, linked, never none. Groups are small when little is ready, and no larger than what the
/// stages get through in about a millisecond, so that no worker sits on work that others could do.
class flow {
public:
    flow(detail::blueprint& plan, run_state& state, activity& doing);

    /// Runs until every item that is taken has been through. Does not throw.
    void run() noexcept;

    /// Takes items through all stages and the sink on the calling thread, without TBB.
    void run_inline(detail::slot_chain items) noexcept;

private:
    /// Stages of one mode in a row; a parallel row is one filter.
    struct row {
        mode how;
        std::vector<std::size_t> stages;  // Positions in the plan.
        bool ends_in_sink = false;
        std::atomic<bool> order{false};  // What one call of a serial filter wrote is there for the next.
    };

    detail::slot* next_group(bool& ended);
    detail::slot* take_group(bool& ended);
    detail::slot_chain cut_group();
    detail::slot_chain work(row& through, detail::slot* first);
    detail::slot_chain pass(row& through, detail::slot_chain group, unsigned worker) noexcept;
    void give_to_sink(detail::slot_chain group, unsigned worker) noexcept;
    detail::slot_chain apply(std::size_t stage, detail::slot_chain group, unsigned worker) noexcept;
    void learn_cost(std::chrono::nanoseconds spent, std::size_t items) noexcept;
    void run_pipeline();

    detail::blueprint& plan_;
    run_state& state_;
    activity& doing_;
    std::vector<std::unique_ptr<row>> rows_;

    detail::slot_chain ready_;  // The input filter's, as are the next two.
    std::uint64_t delivered_ = 0;
    std::atomic<bool> input_order_{false};
    std::atomic<bool> began_{false};       // What was there before TBB began is there for its threads,
    std::atomic<std::uint64_t> ended_{0};  // and what they did for whoever waited for its end.
    /// What the parallel stages spend on an item, smoothed. Taken for dear until it is known.
    std::atomic<std::uint64_t> item_cost_ns_{1'000'000};
};

}  // namespace penstock
