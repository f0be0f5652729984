#include "stages/store/retry_schedule.hpp"

#include <gtest/gtest.h>

#include <climits>

namespace penstock::detail {
namespace {

using namespace std::chrono_literals;
constexpr retry_schedule::time_point noon{1h};

TEST(retry_schedule_test, pauses_double_up_to_two_seconds) {
    retry_schedule schedule(24h);
    for (const auto pause : {50ms, 100ms, 200ms, 400ms, 800ms, 1600ms, 2000ms, 2000ms})
        EXPECT_EQ(schedule.after_failure(noon, UINT_MAX, 0), pause);
    for (int i = 0; i < 100'000; ++i) ASSERT_EQ(schedule.after_failure(noon, UINT_MAX, 0), 2s);
}

TEST(retry_schedule_test, the_draw_makes_a_pause_up_to_half_as_short) {
    EXPECT_EQ(retry_schedule(1h).after_failure(noon, UINT_MAX, 1), 25ms);
    EXPECT_EQ(retry_schedule(1h).after_failure(noon, UINT_MAX, 0.5), 37'500us);
}

TEST(retry_schedule_test, it_gives_up_when_the_time_since_the_first_failure_is_over_and_tries_at_its_end) {
    retry_schedule schedule(10s);
    auto now = noon;
    int tries = 1;
    while (const auto pause = schedule.after_failure(now, UINT_MAX, 0)) {
        now += *pause;
        ++tries;
    }
    EXPECT_EQ(now, noon + 10s);
    EXPECT_EQ(tries, 11);
}

TEST(retry_schedule_test, it_gives_up_after_the_most_tries) {
    retry_schedule schedule(1h);
    EXPECT_TRUE(schedule.after_failure(noon, 3, 0));
    EXPECT_TRUE(schedule.after_failure(noon, 3, 0));
    EXPECT_FALSE(schedule.after_failure(noon, 3, 0));
}

TEST(retry_schedule_test, the_time_can_begin_anew_while_the_pauses_go_on_growing) {
    retry_schedule schedule(1s);
    EXPECT_EQ(schedule.after_failure(noon, UINT_MAX, 0), 50ms);
    schedule.begin_time_anew();
    EXPECT_EQ(schedule.after_failure(noon + 1h, UINT_MAX, 0), 100ms);
    EXPECT_FALSE(schedule.after_failure(noon + 1h + 1s, UINT_MAX, 0));
}

}  // namespace
}  // namespace penstock::detail
