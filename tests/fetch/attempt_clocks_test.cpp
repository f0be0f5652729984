#include "attempt_clocks.hpp"

#include <gtest/gtest.h>

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

TEST_F(attempt_clocks_test, an_end_takes_everything_off_at_any_time) {
    clocks.end(one);
    clocks.begin(one, start);
    clocks.begin_connection(one, start);
    clocks.end(one);
    clocks.end(one);
    EXPECT_EQ(clocks.next(), time_point::max());
}

}  // namespace
}  // namespace penstock::fetch_stage
