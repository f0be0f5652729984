// The parts that users test their own pipelines with.
#include "penstock/testing/script.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "penstock/compose.hpp"
#include "penstock/testing/collected.hpp"
#include "penstock/testing/in_flight_gauge.hpp"
#include "penstock/testing/run_inline.hpp"
#include "tests/account.hpp"

namespace ps = penstock;
using ps::testing::script;
using ps::testing::settled_run;

namespace {

TEST(script, plays_its_steps_in_every_run) {
    script<std::string> say;
    ps::testing::collected<std::string> kept;
    auto job = say.give("a").give_all({"b", "b"}).give("c").source() | kept.sink();
    EXPECT_TRUE(settled_run(job, {.queue_size = 1}).clean());
    ps::testing::run_inline(job);
    EXPECT_EQ(kept.values(), (std::vector<std::string>{"a", "b", "b", "c", "a", "b", "b", "c"}));
    EXPECT_EQ(say.given(), 4U);
    EXPECT_EQ(say.asked(), 5U);
}

TEST(script, G5_of_no_step_is_an_empty_source) {
    script<int> say;
    const ps::report done = settled_run(say.source() | ps::serial("none", [](int) {}));
    EXPECT_TRUE(done.clean());
    EXPECT_EQ(done.taken(), 0U);
}

TEST(script, G5_that_gives_for_ever_ends_with_a_stop) {
    script<int> say;
    std::stop_source stop;
    int last = -1;
    auto job = say.give_for_ever([](std::uint64_t n) { return static_cast<int>(n); }).source()
               | ps::in_order("count", [&](int n) {
                     EXPECT_EQ(n, last + 1);
                     if (++last == 500) stop.request_stop();
                 });
    const ps::report done = settled_run(job, {.queue_size = 4, .stop = stop.get_token()});
    EXPECT_EQ(done.reason, ps::end_reason::stopped);
    EXPECT_EQ(say.given(), done.taken());
}

TEST(script, that_blocks_goes_on_when_it_is_released_or_the_run_is_stopped) {
    script<int> say;
    std::stop_source stop;
    auto job = say.give(1).block().give(2).block().give(3).source() | ps::serial("none", [](int) {});
    std::jthread conductor([&] {
        EXPECT_TRUE(say.wait_until_blocked());
        EXPECT_EQ(say.given(), 1U);
        say.release();
        while (say.given() != 2) std::this_thread::yield();
        stop.request_stop();
    });
    const ps::report done = settled_run(job, {.stop = stop.get_token()});
    EXPECT_EQ(done.taken(), 2U);
    EXPECT_EQ(done.reason, ps::end_reason::stopped);
}

TEST(script, throws_what_it_is_told) {
    script<int> say;
    const ps::report done = settled_run(say.give(1).raise(7).give(2).source() | ps::serial("none", [](int) {}));
    EXPECT_EQ(done.reason, ps::end_reason::failed);
    EXPECT_EQ(done.taken(), 1U);
}

TEST(in_flight_gauge, counts_an_item_once_however_often_it_is_copied) {
    ps::testing::in_flight_gauge gauge;
    {
        ps::testing::in_flight_gauge::token one(gauge);
        const auto copy = one;
        const auto moved = std::move(one);
        EXPECT_EQ(gauge.now(), 1U);
        const ps::testing::in_flight_gauge::token other(gauge);
        EXPECT_EQ(gauge.now(), 2U);
    }
    gauge.enter(3);
    gauge.leave(2);
    EXPECT_EQ(gauge.now(), 1U);
    EXPECT_EQ(gauge.peak(), 3U);
}

}  // namespace
