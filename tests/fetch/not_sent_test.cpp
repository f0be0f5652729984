#include <gtest/gtest.h>

#include <map>
#include <random>
#include <utility>
#include <vector>

#include "hosts_with_jobs.hpp"

// Jobs that have their turn and are not sent, over hours of a clock of their own.
namespace penstock::fetch_stage {
namespace {

using namespace std::chrono_literals;

TEST(rate_per_host, jobs_that_are_not_sent_use_none_of_it) {
    hosts_with_jobs work(limits_of({}, pace(1, 1)), 1, 1000);
    for (job& one : work.jobs) {
        ASSERT_EQ(work.plan.next(), &one);
        work.plan.not_sent(one);
        work.plan.left(*one.host);
    }
    EXPECT_EQ(work.plan.under_way(), 0U);
    EXPECT_EQ(work.plan.next_time(), time_point::max());
    work.plan.forget_if_idle(*work.hosts[0]);
    EXPECT_EQ(work.plan.origins(), 0U);
}

TEST(rate_per_host, what_was_used_up_before_is_not_given_back) {
    hosts_with_jobs work(limits_of({}, pace(1, 2)), 1, 10);
    ASSERT_EQ(work.plan.next(), &work.jobs[0]);
    for (std::size_t i = 1; i < 5; ++i) {
        ASSERT_EQ(work.plan.next(), &work.jobs[i]);
        EXPECT_EQ(work.plan.next(), nullptr);
        work.plan.not_sent(work.jobs[i]);
    }
    ASSERT_EQ(work.plan.next(), &work.jobs[5]);
    EXPECT_EQ(work.plan.next(), nullptr);
    EXPECT_EQ(work.plan.next_time(), start + 1s);
}

TEST(rate_per_host, whoever_is_taken_back_later_goes_no_later_than_if_it_had_never_had_a_turn) {
    hosts_with_jobs work(limits_of({}, pace(0.01, 1)), 1, 2);
    job* const first = work.plan.next();
    work.plan.set_time(start + 30s);
    EXPECT_FALSE(work.plan.ready());
    work.plan.take_back(*first);
    EXPECT_EQ(work.plan.next(), first);
    EXPECT_EQ(work.plan.next_time(), start + 130s);
}

TEST(rate_per_host, an_origin_pauses_on_when_a_job_is_not_sent) {
    hosts_with_jobs work(limits_of({}, pace(1, 1)), 1, 2);
    job* const first = work.plan.next();
    work.plan.pause(*first->host, start + 10s);
    work.plan.not_sent(*first);
    EXPECT_FALSE(work.plan.ready());
    EXPECT_EQ(work.plan.next_time(), start + 10s);
    EXPECT_EQ(work.plan.parked(), 2U);
    EXPECT_EQ(work.send(start + 10s), 1U);
    EXPECT_EQ(work.plan.parked(), 0U);
}

/// What of these turns, in their order, comes too early for a rate of 1 a second with this burst.
std::size_t count_early(const std::vector<time_point>& turns, unsigned burst) {
    const pace strict(1, burst);
    pace::account sent{};
    std::size_t early = 0;
    for (const time_point turn : turns) {
        if (strict.next(sent) > turn) ++early;
        strict.send(sent, turn);
    }
    return early;
}

TEST(rate_per_host, it_is_kept_by_what_is_sent_whatever_is_taken_back_and_when) {
    std::minstd_rand dice(7);
    for (unsigned burst = 1; burst <= 4; ++burst) {
        hosts_with_jobs work(limits_of({}, pace(1, burst)), 1, 8);
        std::vector<job*> under_way;
        std::vector<std::pair<time_point, bool>> turns;
        std::map<job*, std::size_t> turn_of;
        time_point now = start;
        for (int step = 0; step < 100'000; ++step) {
            work.plan.set_time(now += std::chrono::milliseconds(dice() % 700));
            if (dice() % 3 == 0) {
                while (job* const one = work.plan.next()) {
                    turn_of[one] = turns.size();
                    turns.emplace_back(now, true);
                    under_way.push_back(one);
                }
            }
            if (under_way.empty()) continue;
            const std::size_t at = dice() % under_way.size();
            job* const one = under_way[at];
            under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(at));
            if (dice() % 2 == 0) {
                turns[turn_of[one]].second = false;
                work.plan.take_back(*one);
            } else {
                work.plan.ended(*one->host);
                work.plan.wait(*one);
            }
        }
        std::vector<time_point> sent;
        for (const auto& [turn, was_sent] : turns) {
            if (was_sent) sent.push_back(turn);
        }
        EXPECT_EQ(count_early(sent, burst), 0U) << "of " << sent.size() << " with a burst of " << burst;
        EXPECT_GE(sent.size(), 1000U);
    }
}

TEST(rate, an_origin_whose_jobs_are_not_sent_takes_nothing_from_the_others) {
    hosts_with_jobs work(limits_of(pace(1, 1), {}), 2, 50);
    std::size_t sent = 0;
    for (auto now = start; now < start + 10s; now += 1s) {
        work.plan.set_time(now);
        while (job* const one = work.plan.next()) {
            if (one->host == work.hosts[0]) {
                work.plan.not_sent(*one);
            } else {
                work.plan.ended(*one->host);
                ++sent;
            }
        }
    }
    EXPECT_EQ(sent, 10U);
}

}  // namespace
}  // namespace penstock::fetch_stage
