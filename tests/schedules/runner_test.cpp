// Schedules on the real runner: threads, TBB, and for some of them SQLite.
#include <gtest/gtest.h>

#include <cstdlib>

#include "campaign.hpp"
#include "runner_world.hpp"

namespace penstock::testing {
namespace {

/// Naps take their time; only campaigns that were asked for have some.
const bool long_form = std::getenv("PENSTOCK_SCHEDULES") != nullptr || std::getenv("PENSTOCK_SCHEDULE") != nullptr;

TEST(runner_schedules, each_ends_with_every_item_settled_once) {
    const auto run = [](std::span<const std::uint8_t> bytes) { return runner_world(bytes, nullptr, long_form).run(); };
    EXPECT_EQ(run_campaign(run, {.schedules = 400, .always_runs_the_same = false}), "");
}

TEST(runner_schedules, each_leaves_the_rows_of_what_it_committed_in_a_real_database) {
    shared_file file;
    const auto run = [&](std::span<const std::uint8_t> bytes) { return runner_world(bytes, &file, long_form).run(); };
    EXPECT_EQ(run_campaign(run, {.schedules = 60, .always_runs_the_same = false}), "");
}

/// So that the others mean something.
TEST(runner_schedules, between_them_they_run_alone_and_in_TBB_and_are_relieved) {
    unsigned alone = 0, in_tbb = 0, relieved = 0;
    for (std::uint64_t number = 0; number < 2000; ++number) {
        const schedule_bytes bytes = bytes_of({.schedules = 0, .seed = 3}, number);
        runner_world one(bytes, nullptr, long_form);
        ASSERT_EQ(one.run(), "") << number;
        alone += one.told().alone ? 1 : 0;
        in_tbb += one.told().tbb ? 1 : 0;
        relieved += one.told().relieved ? 1 : 0;
        if (alone > 10 && in_tbb > 10 && (relieved > 2 || !long_form)) break;
    }
    EXPECT_GT(alone, 10U);
    EXPECT_GT(in_tbb, 10U);
    if (long_form) {
        EXPECT_GT(relieved, 2U);
    }
}

}  // namespace
}  // namespace penstock::testing
