#include "attempt_clocks.hpp"

#include <gtest/gtest.h>

#include "stoppable_clock.hpp"

namespace penstock::fetch_stage {
namespace {

using namespace std::chrono_literals;

struct attempt_clocks_test : testing::Test {
    const time_point start = time_point() + 1h;
    attempt_clocks clocks{{.whole = 10s, .connection = 2s}};
    timed_attempt one, two;
};

TEST_F(attempt_clocks_test, an_attempt_is_late_when_its_time_is_over) {
    clocks.begin(one, start);
    clocks.begin(two, start + 1s);
    EXPECT_EQ(clocks.next(), start + 10s);
    EXPECT_EQ(clocks.late(start + 9999ms), nullptr);
    EXPECT_EQ(clocks.late(start + 10s), &one);
    clocks.end(one);
    EXPECT_EQ(clocks.late(start + 10s), nullptr);
    EXPECT_EQ(clocks.next(), start + 11s);
    clocks.end(two);
    EXPECT_EQ(clocks.next(), time_point::max());
}

TEST_F(attempt_clocks_test, the_time_for_a_connection_is_watched_only_where_it_was_begun) {
    clocks.begin(one, start);
    clocks.begin(two, start);
    clocks.begin_connection(two, start);
    EXPECT_EQ(clocks.next(), start + 2s);
    EXPECT_EQ(clocks.late_connection(start + 1s), nullptr);
    EXPECT_EQ(clocks.late_connection(start + 2s), &two);
    clocks.connected(two);
    EXPECT_EQ(clocks.late_connection(start + 2s), nullptr);
    EXPECT_EQ(clocks.next(), start + 10s);
}

TEST_F(attempt_clocks_test, a_stopped_clock_does_not_run_and_then_goes_on_where_it_was) {
    timed_attempt three;
    clocks.begin(one, start);
    clocks.begin(two, start + 1s);
    clocks.stop(one, start + 4s);
    clocks.stop(one, start + 5s);
    EXPECT_EQ(clocks.late(start + 10s), nullptr);
    clocks.begin(three, start + 100s);
    clocks.go_on(one, start + 100s);
    EXPECT_EQ(clocks.late(start + 106s), &two);
    clocks.end(two);
    EXPECT_EQ(clocks.next(), start + 106s);
    EXPECT_EQ(clocks.late(start + 106s), &one);
    clocks.end(one);
    EXPECT_EQ(clocks.next(), start + 110s);
}

TEST_F(attempt_clocks_test, an_end_takes_everything_off_at_any_time) {
    clocks.end(one);
    clocks.begin(one, start);
    clocks.begin_connection(one, start);
    clocks.end(one);
    clocks.end(one);
    EXPECT_EQ(clocks.next(), time_point::max());
}

TEST(stoppable_clock, what_it_lost_it_never_shows) {
    const time_point start = time_point() + 1h;
    stoppable_clock clock;
    EXPECT_EQ(clock.at(start), start);
    EXPECT_EQ(clock.when(start), start);
    clock.let_run(true, start);
    clock.let_run(false, start + 1s);
    clock.let_run(false, start + 2s);
    EXPECT_EQ(clock.at(start + 9s), start + 1s);
    EXPECT_EQ(clock.when(start + 5s), time_point::max());
    clock.let_run(true, start + 11s);
    EXPECT_EQ(clock.at(start + 12s), start + 2s);
    EXPECT_EQ(clock.when(start + 5s), start + 15s);
}

}  // namespace
}  // namespace penstock::fetch_stage
