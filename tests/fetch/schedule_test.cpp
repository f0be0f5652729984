#include "schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "descriptor_budget.hpp"
#include "job_pool.hpp"
#include "wake_heap.hpp"

namespace penstock::fetch_stage {
namespace {

struct crowd {
    std::vector<job> jobs;
    crowd(schedule& plan, host_queue& host, std::size_t count) : jobs(count) {
        for (job& one : jobs) {
            one.host = &host;
            ++host.jobs;
            plan.wait(one);
        }
    }
};

TEST(schedule, an_origin_sends_no_more_at_once_than_it_may_and_in_order) {
    schedule plan({.under_way = 100, .per_host = 2, .resolving = 1});
    host_queue& host = plan.add("http://h", true);
    crowd all(plan, host, 4);
    EXPECT_EQ(plan.next(), &all.jobs[0]);
    EXPECT_EQ(plan.next(), &all.jobs[1]);
    EXPECT_EQ(plan.next(), nullptr);
    plan.ended(host);
    EXPECT_EQ(plan.next(), &all.jobs[2]);
    EXPECT_EQ(plan.next(), nullptr);
}

TEST(schedule, origins_take_turns_when_all_transfers_are_taken) {
    schedule plan({.under_way = 2, .per_host = 2, .resolving = 1});
    host_queue& a = plan.add("http://a", true);
    host_queue& b = plan.add("http://b", true);
    crowd of_a(plan, a, 3);
    crowd of_b(plan, b, 3);
    EXPECT_EQ(plan.next(), &of_a.jobs[0]);
    EXPECT_EQ(plan.next(), &of_b.jobs[0]);
    EXPECT_EQ(plan.next(), nullptr);
    plan.ended(b);
    EXPECT_EQ(plan.next(), &of_a.jobs[1]);
    plan.ended(a);
    EXPECT_EQ(plan.next(), &of_b.jobs[1]);
}

TEST(schedule, H20_an_unknown_name_is_resolved_by_one_transfer_alone) {
    schedule plan({.under_way = 100, .per_host = 8, .resolving = 2});
    host_queue& host = plan.add("http://h", false);
    crowd all(plan, host, 3);
    EXPECT_EQ(plan.next(), &all.jobs[0]);
    EXPECT_EQ(plan.next(), nullptr);
    plan.name_known(host);
    EXPECT_EQ(plan.next(), &all.jobs[1]);
    EXPECT_EQ(plan.next(), &all.jobs[2]);
}

TEST(schedule, H21_only_some_names_are_resolved_at_once) {
    schedule plan({.under_way = 100, .per_host = 8, .resolving = 2});
    host_queue& a = plan.add("http://a", false);
    host_queue& b = plan.add("http://b", false);
    host_queue& c = plan.add("http://c", false);
    crowd of_a(plan, a, 1);
    crowd of_b(plan, b, 1);
    crowd of_c(plan, c, 1);
    EXPECT_NE(plan.next(), nullptr);
    EXPECT_NE(plan.next(), nullptr);
    EXPECT_EQ(plan.next(), nullptr);
    plan.ended(a);  // Its name was not found.
    EXPECT_EQ(plan.next(), &of_c.jobs[0]);
}

TEST(schedule, a_job_that_is_withdrawn_is_not_sent) {
    schedule plan({.under_way = 1, .per_host = 1, .resolving = 1});
    host_queue& host = plan.add("http://h", true);
    crowd all(plan, host, 2);
    plan.withdraw(all.jobs[0]);
    EXPECT_EQ(plan.next(), &all.jobs[1]);
    plan.ended(host);
    EXPECT_EQ(plan.next(), nullptr);
}

TEST(schedule, a_job_that_is_taken_back_is_the_first_again) {
    schedule plan({.under_way = 2, .per_host = 2, .resolving = 1});
    host_queue& host = plan.add("http://h", true);
    crowd all(plan, host, 3);
    job* const first = plan.next();
    job* const second = plan.next();
    plan.take_back(*second);
    plan.take_back(*first);
    EXPECT_EQ(plan.under_way(), 0U);
    EXPECT_EQ(plan.next(), first);
    EXPECT_EQ(plan.next(), second);
}

TEST(schedule, an_origin_without_jobs_is_forgotten) {
    schedule plan({.under_way = 1, .per_host = 1, .resolving = 1});
    host_queue& host = plan.add("http://h", true);
    host.jobs = 1;
    plan.forget_if_idle(host);
    EXPECT_EQ(plan.find("http://h"), &host);
    host.jobs = 0;
    plan.forget_if_idle(host);
    EXPECT_EQ(plan.find("http://h"), nullptr);
    EXPECT_EQ(plan.origins(), 0U);
}

TEST(wake_heap, jobs_wake_in_the_order_of_their_time_whatever_leaves_between) {
    std::minstd_rand dice(7);
    std::vector<job> jobs(200);
    wake_heap<job> heap;
    for (job& one : jobs) {
        one.wakes = time_point(std::chrono::milliseconds(dice() % 50));
        heap.push(one);
    }
    for (std::size_t i = 0; i < jobs.size(); i += 3) heap.erase(jobs[i]);
    std::size_t woken = 0;
    for (time_point last{}; !heap.empty(); ++woken) {
        job& one = heap.top();
        EXPECT_GE(one.wakes, last);
        last = one.wakes;
        heap.erase(one);
        EXPECT_EQ(one.sleeping_at, 0U);
    }
    EXPECT_EQ(woken, 133U);
}

TEST(job_pool, a_job_whose_attempts_failed_is_as_new_for_its_next_item) {
    job_pool pool;
    job& used = pool.take();
    used.attempts = 3;
    used.has_past = true;
    used.last_reason = "503";
    used.last_proxy = "http://proxy:1";
    used.last_status = 503;
    used.tried = {1, 2};
    used.switches = 2;
    used.stuck = true;
    pool.give_back(used);
    const job& again = pool.take();
    ASSERT_EQ(&again, &used);
    EXPECT_EQ(again.attempts, 0U);
    EXPECT_FALSE(again.has_past);
    EXPECT_TRUE(again.last_reason.empty());
    EXPECT_TRUE(again.last_proxy.empty());
    EXPECT_EQ(again.last_status, 0);
    EXPECT_TRUE(again.tried.empty());
    EXPECT_EQ(again.switches, 0U);
    EXPECT_FALSE(again.stuck);
}

TEST(descriptor_budget, O4_transfers_stay_below_the_limit_of_open_files) {
    EXPECT_EQ(share_out(1'000'000, 20, 1000).transfers, 1000U);
    const auto usual = share_out(1024, 20, 1000);
    EXPECT_GT(usual.transfers, 800U);
    EXPECT_LE(usual.transfers + 2 * usual.resolving, 1024U - 20 - 64);
    const auto tight = share_out(64, 20, 1000);
    EXPECT_LE(tight.transfers + 2 * tight.resolving, 36U);
    EXPECT_GE(share_out(10, 20, 1000).transfers, 1U);
    EXPECT_EQ(share_out(1'000'000, 20, 1).transfers, 1U);
}

}  // namespace
}  // namespace penstock::fetch_stage
