#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "hosts_with_jobs.hpp"
#include "retry_budget.hpp"

// Rates, pauses and budgets over hours of a clock of its own.
namespace penstock::fetch_stage {
namespace {

using namespace std::chrono_literals;

TEST(retry_budget, little_work_gets_all_its_retries_and_much_a_share) {
    retry_budget budget;
    unsigned allowed = 0;
    for (int i = 0; i < 1000; ++i) allowed += budget.spend(0.2, start);
    EXPECT_EQ(allowed, 100U);
    for (int i = 0; i < 50; ++i) budget.count_first();
    allowed = 0;
    for (int i = 0; i < 1000; ++i) allowed += budget.spend(0.2, start);
    EXPECT_EQ(allowed, 10U);
    EXPECT_FALSE(budget.spend(0.2, start + 99ms));
    EXPECT_TRUE(budget.spend(0.2, start + 101ms));
}

TEST(retry_budget, a_server_that_fails_for_hours_gets_little_more_than_its_share) {
    retry_budget budget;
    constexpr std::uint64_t firsts = 1'000'000;  // 100 a second, each of which would be tried again twice.
    std::uint64_t retries = 0;
    for (std::uint64_t i = 0; i < firsts; ++i) {
        budget.count_first();
        for (int again = 0; again < 2; ++again) retries += budget.spend(0.2, start + i * 10ms);
    }
    EXPECT_LE(retries, 100 + firsts / 5 + 10 * firsts / 100);
    EXPECT_GE(retries, firsts / 5);
}

TEST(retry_budget, a_long_rest_saves_up_no_more_than_the_most) {
    retry_budget budget;
    EXPECT_TRUE(budget.spend(1, start));
    for (int i = 0; i < 10'000; ++i) budget.count_first();
    unsigned allowed = 0;
    for (int i = 0; i < 1000; ++i) allowed += budget.spend(1, start + 24h);
    EXPECT_EQ(allowed, 100U);
}

TEST(rate_per_host, it_is_kept_for_hours_and_not_fallen_short_of) {
    hosts_with_jobs work(limits_of({}, pace(2.5, 1)), 3, 30'000);
    work.run_until(start + 3h);
    for (auto* const host : work.hosts) {
        const auto& sent = work.sent[host];
        EXPECT_NEAR(static_cast<double>(sent.size()), 2.5 * 3 * 3600, 2);
        for (std::size_t i = 1; i < sent.size(); ++i) ASSERT_GE(sent[i] - sent[i - 1], 400ms);
    }
}

TEST(rate_per_host, a_burst_goes_at_once_after_a_rest_and_the_rate_holds_again) {
    hosts_with_jobs work(limits_of({}, pace(1, 5)), 1, 100);
    EXPECT_EQ(work.send(start), 5U);
    EXPECT_EQ(work.send(start + 999ms), 0U);
    EXPECT_EQ(work.send(start + 1s), 1U);
    EXPECT_EQ(work.send(start + 1h), 5U);
    EXPECT_EQ(work.send(start + 1h + 500ms), 0U);
}

TEST(rate_per_host, a_high_rate_is_reached_by_who_sleeps_by_the_millisecond) {
    hosts_with_jobs work(limits_of({}, pace(5000, 1)), 1, 20'000);
    std::size_t sent = 0;
    for (auto now = start; now < start + 2s; now += 1ms) sent += work.send(now);
    EXPECT_NEAR(static_cast<double>(sent), 10'000, 20);
}

TEST(rate, all_origins_share_it_in_turn) {
    hosts_with_jobs work(limits_of(pace(10, 1), {}), 4, 100);
    work.run_until(start + 30s - 1ms);
    std::size_t all = 0;
    for (auto* const host : work.hosts) {
        EXPECT_EQ(work.sent[host].size(), 75U);
        all += work.sent[host].size();
    }
    EXPECT_EQ(all, 300U);
}

TEST(rate, what_is_unbounded_asks_for_no_time) {
    hosts_with_jobs work(limits_of({}, {}), 2, 50);
    EXPECT_EQ(work.send(start), 100U);
    EXPECT_EQ(work.plan.next_time(), time_point::max());
}

TEST(pause, H17_an_origin_that_pauses_is_in_nobodys_way) {
    hosts_with_jobs work(limits_of({}, {}), 10, 20);
    work.plan.pause(*work.hosts[0], start + 10min);
    work.plan.pause(*work.hosts[0], start + 5min);  // Never shorter.
    EXPECT_EQ(work.plan.parked(), 20U);
    EXPECT_EQ(work.send(start), 180U);
    EXPECT_EQ(work.send(start + 10min - 1ms), 0U);
    EXPECT_EQ(work.plan.next_time(), start + 10min);
    EXPECT_EQ(work.send(start + 10min), 20U);
    EXPECT_EQ(work.plan.parked(), 0U);
}

TEST(pause, it_counts_what_is_parked_whatever_comes_and_goes) {
    schedule plan(limits_of({}, {}));
    plan.set_time(start);
    host_queue& host = plan.add("http://h", true);
    std::vector<job> jobs(14);
    const auto come = [&](job& one) {
        one.host = &host;
        plan.came(host);
        plan.wait(one);
    };
    for (std::size_t i = 0; i < 4; ++i) come(jobs[i]);
    ASSERT_EQ(plan.next(), &jobs[0]);
    plan.pause(host, start + 1s);
    EXPECT_EQ(plan.parked(), 3U);
    plan.ended(host);  // It will be tried again, so it is parked as well.
    EXPECT_EQ(plan.parked(), 4U);
    for (std::size_t i = 4; i < 10; ++i) come(jobs[i]);
    EXPECT_FALSE(plan.parks_too_many(host));
    come(jobs[10]);
    EXPECT_TRUE(plan.parks_too_many(host));
    plan.withdraw(jobs[10]);
    plan.left(host);
    EXPECT_FALSE(plan.parks_too_many(host));
    EXPECT_EQ(plan.parked(), 10U);
    plan.set_time(start + 1s);
    EXPECT_EQ(plan.parked(), 0U);
    EXPECT_FALSE(host.pausing);
}

TEST(pause, an_origin_is_not_forgotten_before_its_pause_is_over) {
    schedule plan(limits_of({}, {}));
    plan.set_time(start);
    host_queue& host = plan.add("http://h", true);
    plan.pause(host, start + 1s);
    plan.forget_if_idle(host);
    EXPECT_EQ(plan.find("http://h"), &host);
    plan.set_time(start + 1s);
    EXPECT_EQ(plan.find("http://h"), nullptr);
}

TEST(pause, H17_a_day_of_429_from_one_of_ten_origins_leaves_the_others_their_rate) {
    // Each origin could do 10 a second; one of them answers every request by asking for 30 s.
    hosts_with_jobs work(limits_of({}, pace(10, 1)), 10, 0);
    std::vector<job> jobs(10);
    std::array<std::uint64_t, 10> sent{};
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        jobs[i].host = work.hosts[i];
        work.plan.came(*work.hosts[i]);
        work.plan.wait(jobs[i]);
    }
    constexpr auto end = start + 2h;
    for (auto now = start; now < end; now = std::min(end, work.plan.next_time())) {
        work.plan.set_time(now);
        while (job* const one = work.plan.next()) {
            const auto number = static_cast<std::size_t>(one - jobs.data());
            ++sent[number];
            if (number == 0) work.plan.pause(*one->host, now + 30s);
            work.plan.ended(*one->host);
            work.plan.wait(*one);
        }
    }
    EXPECT_EQ(sent[0], 240U);
    for (std::size_t i = 1; i < 10; ++i) EXPECT_NEAR(static_cast<double>(sent[i]), 72'000, 2);
}

}  // namespace
}  // namespace penstock::fetch_stage
