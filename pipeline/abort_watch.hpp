#pragma once

#include <cstddef>
#include <mutex>
#include <optional>

#include "abort_rules.hpp"
#include "penstock/detail/slot.hpp"

namespace penstock {

class run_state;

/// Hears what becomes of the items, place by place and in order, and ends the run when a threshold is reached. A run
/// without thresholds has none. Any thread.
class abort_watch {
public:
    /// Of a chain with so many stages; the places are those of `abort_rules`.
    abort_watch(const abort_thresholds& when, std::size_t stages, run_state& state)
        : state_(state), rules_(when, stages + 2) {}

    static constexpr std::size_t before_stages = 0;
    static constexpr std::size_t of_stage(std::size_t position) noexcept { return position + 1; }
    static constexpr std::size_t of_sink(std::size_t stages) noexcept { return stages + 1; }

    /// The item came through the place, or it has failed there.
    void judge(std::size_t place, const detail::slot& item) noexcept;

    /// What the run was aborted for. After its threads have ended.
    const std::optional<abort_cause>& cause() const noexcept { return cause_; }

private:
    bool reached(std::size_t place, const detail::slot& item) noexcept;

    run_state& state_;
    std::mutex mutex_;
    abort_rules rules_;
    std::optional<abort_cause> cause_;
};

}  // namespace penstock
