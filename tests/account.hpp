#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>

#include "penstock/errors.hpp"
#include "penstock/metrics.hpp"
#include "penstock/pipeline.hpp"
#include "penstock/report.hpp"

namespace penstock::testing {

/// The settlement identity at the end of a run: every item taken has one outcome, and every dead one its kind of error.
inline void expect_settled(const report& done) {
    const auto sum = [](const auto& of) { return std::accumulate(of.begin(), of.end(), std::uint64_t{0}); };
    EXPECT_EQ(done.taken(), sum(done.figures.settled)) << done;
    EXPECT_EQ(done.figures.in_flight(), 0U) << done;
    EXPECT_EQ(done.count(outcome::dead) + done.count(outcome::in_doubt), sum(done.figures.errors)) << done;
}

/// Runs a pipeline and checks its account. The report of a run that has failed comes back like any other.
inline report settled_run(pipeline& job, const run_options& options = {}) {
    const report done = [&] {
        try {
            return job.run(options);
        } catch (const run_failed& failed) {
            return failed.report();
        }
    }();
    expect_settled(done);
    return done;
}
inline report settled_run(pipeline&& job, const run_options& options = {}) { return settled_run(job, options); }

}  // namespace penstock::testing
