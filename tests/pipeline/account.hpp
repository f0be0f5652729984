#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>

#include "penstock/metrics.hpp"
#include "penstock/report.hpp"

namespace penstock::testing {

/// The settlement identity at the end of a run: every item taken has one outcome.
inline void expect_settled(const report& done) {
    const auto& settled = done.figures.settled;
    EXPECT_EQ(done.taken(), std::accumulate(settled.begin(), settled.end(), std::uint64_t{0})) << done;
    EXPECT_EQ(done.figures.in_flight(), 0U) << done;
}

}  // namespace penstock::testing
