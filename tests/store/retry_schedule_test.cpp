#include "stages/store/retry_schedule.hpp"

#include <gtest/gtest.h>

namespace penstock::detail {
namespace {

using namespace std::chrono_literals;
constexpr retry_schedule::time_point noon{1h};
constexpr unsigned any_number = retry_schedule::any_number;

TEST(retry_schedule_test, pauses_double_up_to_two_seconds) {
    retry_schedule schedule(24h);
    for (const auto pause : {50ms, 100ms, 200ms, 400ms, 800ms, 1600ms, 2000ms, 2000ms})
        EXPECT_EQ(schedule.after_failure(noon, any_number, 0), pause);
    for (int i = 0; i < 100'000; ++i) ASSERT_EQ(schedule.after_failure(noon, any_number, 0), 2s);
}

TEST(retry_schedule_test, the_draw_makes_a_pause_up_to_half_as_short) {
    EXPECT_EQ(retry_schedule(1h).after_failure(noon, any_number, 1), 25ms);
    EXPECT_EQ(retry_schedule(1h).after_failure(noon, any_number, 0.5), 37'500us);
}

TEST(retry_schedule_test, it_gives_up_when_the_time_since_the_first_failure_is_over_and_tries_at_its_end) {
    retry_schedule schedule(10s);
    auto now = noon;
    int tries = 1;
    while (const auto pause = schedule.after_failure(now, any_number, 0)) {
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

TEST(retry_schedule_test, failures_of_which_any_number_is_made_do_not_use_up_the_tries_of_others) {
    retry_schedule schedule(1h);
    for (int lost_links = 0; lost_links < 4; ++lost_links) EXPECT_TRUE(schedule.after_failure(noon, any_number, 0));
    EXPECT_TRUE(schedule.after_failure(noon, 3, 0));
    EXPECT_TRUE(schedule.after_failure(noon, any_number, 0));
    EXPECT_TRUE(schedule.after_failure(noon, 3, 0));
    EXPECT_FALSE(schedule.after_failure(noon, 3, 0));
}

TEST(retry_schedule_test, the_time_can_begin_anew_while_the_pauses_go_on_growing) {
    retry_schedule schedule(1s);
    EXPECT_EQ(schedule.after_failure(noon, any_number, 0), 50ms);
    schedule.begin_time_anew();
    EXPECT_EQ(schedule.after_failure(noon + 1h, any_number, 0), 100ms);
    EXPECT_FALSE(schedule.after_failure(noon + 1h + 1s, any_number, 0));
}

}  // namespace
}  // namespace penstock::detail
