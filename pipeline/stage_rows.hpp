#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "activity.hpp"
#include "penstock/detail/blueprint.hpp"
#include "run_state.hpp"

namespace penstock {

/// The stages and the sink of a run, in rows: parallel stages next to each other are one row, each serial one is a row
/// of its own. Nothing thrown by a user's callable leaves a row.
///
/// A parallel row may be passed by several groups at once, a serial one by one group at a time; whoever calls sees to
/// that. A worker's number is below `run_state::workers` and is used by one thread at a time.
class stage_rows {
public:
    stage_rows(detail::blueprint& plan, run_state& state, activity& doing);

    std::size_t size() const noexcept { return rows_.size(); }
    mode mode_of(std::size_t row) const noexcept { return rows_[row]->how; }

    /// Takes a group through one row and returns what is left of it; the last row leaves nothing.
    detail::slot_chain pass(std::size_t row, detail::slot_chain group, unsigned worker) noexcept;

    /// What all rows spend on an item, smoothed.
    std::chrono::nanoseconds item_cost() const noexcept;

private:
    struct one_row {
        mode how;
        std::vector<std::size_t> stages;  // Positions in the plan.
        bool ends_in_sink = false;
        std::atomic<std::uint64_t> cost_ns{0};  // 0 until it is known.
        std::atomic<bool> order{false};         // What one call of a serial row wrote is there for the next.
    };

    /// How many items of a group go through all stages of the row before the next ones do.
    static std::size_t items_at_once(const one_row& of) noexcept;
    void learn(one_row& from, std::chrono::nanoseconds spent, std::size_t items) noexcept;
    detail::slot_chain apply(std::size_t stage, detail::slot_chain group, unsigned worker) noexcept;
    void give_to_sink(detail::slot_chain group, unsigned worker) noexcept;

    detail::blueprint& plan_;
    run_state& state_;
    activity& doing_;
    std::vector<std::unique_ptr<one_row>> rows_;
};

}  // namespace penstock
