// Schedules of the machines: fetch, the engine and store on one thread, a clock of our own, and a world that bytes
// choose. What must hold is in `witness`.
#include <gtest/gtest.h>

#include "campaign.hpp"
#include "world.hpp"

namespace penstock::testing {
namespace {

TEST(machine_schedules, each_ends_with_every_item_settled_once) {
    EXPECT_EQ(run_campaign(run_machines, {.schedules = 10'000}), "");
}

/// So that the other test means something: all that can happen to an item or a run does happen.
TEST(machine_schedules, between_them_they_go_everywhere) {
    metrics_snapshot all;
    std::array<unsigned, 4> reasons{};
    std::array<std::uint64_t, 6> statuses{};
    std::uint64_t retries = 0, redirects = 0, rows = 0, held_up = 0, reused = 0;
    for (std::uint64_t number = 0; number < 3000; ++number) {
        const schedule_bytes bytes = bytes_of({.schedules = 0, .seed = 2}, number);
        world one(bytes);
        ASSERT_EQ(one.run(), "") << number;
        const report& done = one.told().done;
        ++reasons[static_cast<std::size_t>(done.reason)];
        for (std::size_t how = 0; how < outcome_count; ++how) all.settled[how] += done.figures.settled[how];
        for (std::size_t kind = 0; kind < all.errors.size(); ++kind) all.errors[kind] += done.figures.errors[kind];
        for (std::size_t group = 0; group < 6; ++group) statuses[group] += done.figures.fetch.statuses[group];
        retries += done.figures.fetch.retries;
        redirects += done.figures.fetch.redirects;
        rows += done.figures.store.rows;
        held_up += one.network().held_up;
        reused += one.network().reused;
    }
    for (const end_reason why : {end_reason::completed, end_reason::stopped, end_reason::failed})
        EXPECT_GT(reasons[static_cast<std::size_t>(why)], 100U) << to_string(why);
    for (const outcome how :
         {outcome::committed, outcome::dropped, outcome::dead, outcome::in_doubt, outcome::abandoned})
        EXPECT_GT(all[how], 10U) << to_string(how);
    all.errors[static_cast<std::size_t>(error_kind::proxy)] = 1;  // There are no proxies yet.
    for (std::size_t kind = 0; kind < all.errors.size(); ++kind) {
        EXPECT_GT(all.errors[kind], 0U) << to_string(static_cast<error_kind>(kind));
    }
    for (const std::size_t group : {2U, 3U, 4U, 5U}) EXPECT_GT(statuses[group], 100U) << group;
    EXPECT_GT(retries, 1000U);
    EXPECT_GT(redirects, 10U);
    EXPECT_GT(rows, 1000U);
    EXPECT_GT(held_up, 100U);
    EXPECT_GT(reused, 100U);
}

}  // namespace
}  // namespace penstock::testing
