// Schedules on the real runner: threads, TBB, and for some of them SQLite.
#include <gtest/gtest.h>

#include "campaign.hpp"
#include "runner_world.hpp"

namespace penstock::testing {
namespace {

TEST(runner_schedules, each_ends_with_every_item_settled_once) {
    const auto run = [](std::span<const std::uint8_t> bytes) { return runner_world(bytes, nullptr).run(); };
    EXPECT_EQ(run_campaign(run, {.schedules = 400, .always_runs_the_same = false}), "");
}

TEST(runner_schedules, each_leaves_the_rows_of_what_it_committed_in_a_real_database) {
    shared_file file;
    const auto run = [&](std::span<const std::uint8_t> bytes) { return runner_world(bytes, &file).run(); };
    EXPECT_EQ(run_campaign(run, {.schedules = 60, .always_runs_the_same = false}), "");
}

}  // namespace
}  // namespace penstock::testing
