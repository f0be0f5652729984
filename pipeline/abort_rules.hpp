#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "penstock/abort_thresholds.hpp"
#include "penstock/failure.hpp"

namespace penstock {

/// Counts verdicts against the thresholds of a run. Pure: no clock, no threads.
///
/// The places of a run are numbered along the chain: 0 is what is before the stages, then each stage, then the sink.
class abort_rules {
public:
    abort_rules(const abort_thresholds& when, std::size_t places) : when_(when), in_a_row_(places) {}

    /// An item came through a place.
    void good(std::size_t place) noexcept;

    /// An item failed in a place. The name of the threshold that it reached; empty if there is none.
    std::string bad(std::size_t place, error_kind kind);

private:
    const abort_thresholds when_;
    std::vector<std::uint64_t> in_a_row_;  ///< Failures since the last good item, by place.
    std::uint64_t judged_ = 0;
    std::array<std::uint64_t, error_kind_count> errors_{};
};

/// The first threshold that is reached by so many errors among so many judged items; empty if there is none.
std::string threshold_reached(const abort_thresholds& when, std::uint64_t judged,
                              const std::array<std::uint64_t, error_kind_count>& errors);

}  // namespace penstock
