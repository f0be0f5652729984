#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "hosts_with_jobs.hpp"

// Origins that come and go, over hours of a clock of their own.
namespace penstock::fetch_stage {
namespace {

using namespace std::chrono_literals;

/// Has an origin ask for a job every 10 ms, which is done at once and its only one, so that it may be forgotten
/// between.
struct comes_and_goes {
    schedule plan;
    time_point now = start;

    explicit comes_and_goes(pace each) : plan(limits_of({}, each)) { plan.set_time(now); }

    host_queue& find_or_add() {
        host_queue* const known = plan.find("http://h");
        return known != nullptr ? *known : plan.add("http://h", true);
    }
    bool send_one() {
        host_queue& host = find_or_add();
        job one;
        one.host = &host;
        plan.came(host);
        plan.wait(one);
        const bool sent = plan.next() != nullptr;
        if (sent) {
            plan.ended(host);
        } else {
            plan.withdraw(one);
        }
        plan.left(host);
        plan.forget_if_idle(host);
        return sent;
    }
    std::size_t send_for(std::chrono::seconds time) {
        std::size_t sent = 0;
        for (const time_point end = now + time; now < end; plan.set_time(now += 10ms)) sent += send_one() ? 1 : 0;
        return sent;
    }
};

TEST(rate_per_host, a_burst_is_not_had_again_by_coming_and_going) {
    comes_and_goes work(pace(1, 5));
    EXPECT_EQ(work.send_for(1h), 5U + 3599U);
}

TEST(rate_per_host, an_origin_is_forgotten_when_its_burst_is_whole_again) {
    comes_and_goes work(pace(1, 5));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(work.send_one());
    work.plan.set_time(start + 3s - 1ms);
    EXPECT_EQ(work.plan.origins(), 1U);
    EXPECT_EQ(work.plan.next_time(), time_point::max()) << "nobody is woken for it";
    work.plan.set_time(start + 3s);
    EXPECT_EQ(work.plan.origins(), 0U);
    EXPECT_TRUE(work.send_one()) << "and may come again";
}

TEST(rate_per_host, an_origin_in_use_is_forgotten_only_after_that) {
    comes_and_goes work(pace(1, 5));
    EXPECT_TRUE(work.send_one());
    host_queue& host = work.find_or_add();
    work.plan.came(host);
    work.plan.set_time(start + 10s);
    EXPECT_EQ(work.plan.find("http://h"), &host);
    work.plan.left(host);
    work.plan.forget_if_idle(host);
    EXPECT_EQ(work.plan.origins(), 0U);
}

TEST(rate_per_host, thousands_of_origins_are_forgotten_each_in_its_time) {
    schedule plan(limits_of({}, pace(1, 100)));
    plan.set_time(start);
    std::minstd_rand dice(7);
    std::vector<std::size_t> until(101);
    for (int i = 0; i < 2000; ++i) {
        host_queue& host = plan.add("http://h" + std::to_string(i), true);
        const std::size_t requests = dice() % 100;
        std::vector<job> jobs(requests);
        for (job& one : jobs) {
            one.host = &host;
            plan.wait(one);
            ASSERT_EQ(plan.next(), &one);
            plan.ended(host);
        }
        plan.forget_if_idle(host);
        ++until[requests];
    }
    std::size_t left = 2000 - until[0];
    for (std::size_t second = 1; second <= 100; ++second) {
        ASSERT_EQ(plan.origins(), left) << second;
        plan.set_time(start + std::chrono::seconds(second));
        left -= until[second];
    }
    EXPECT_EQ(plan.origins(), 0U);
}

TEST(retry_budget, it_is_not_had_again_by_coming_and_going) {
    comes_and_goes work({});
    std::size_t retries = 0;
    for (int i = 0; i < 1000; ++i) {
        if (work.find_or_add().retries.spend(0.2, work.now)) ++retries;
        EXPECT_TRUE(work.send_one());
    }
    EXPECT_EQ(retries, 100U);
    work.plan.set_time(start + 10s - 1ms);
    EXPECT_EQ(work.plan.origins(), 1U);
    work.plan.set_time(start + 10s + 1ms);
    EXPECT_EQ(work.plan.origins(), 0U);
}

}  // namespace
}  // namespace penstock::fetch_stage
