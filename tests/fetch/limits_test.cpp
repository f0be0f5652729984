#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <vector>

#include "retry_budget.hpp"
#include "schedule.hpp"

// Rates, pauses and budgets over hours of a clock of its own.
namespace penstock::fetch_stage {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

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

struct hosts_with_jobs {
    schedule plan;
    std::vector<host_queue*> hosts;
    std::vector<job> jobs;
    std::map<host_queue*, std::vector<time_point>> sent;

    hosts_with_jobs(const schedule::limits& most, std::size_t host_count, std::size_t jobs_each)
        : plan(most), jobs(host_count * jobs_each) {
        plan.set_time(start);
        for (std::size_t i = 0; i < host_count; ++i) hosts.push_back(&plan.add("http://h" + std::to_string(i), true));
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            jobs[i].host = hosts[i % host_count];
            plan.came(*jobs[i].host);
            plan.wait(jobs[i]);
        }
    }

    /// Sends all that may be sent at this time, each done at once.
    std::size_t send(time_point now) {
        std::size_t count = 0;
        plan.set_time(now);
        for (job* one = plan.next(); one != nullptr; one = plan.next()) {
            host_queue& host = *one->host;
            sent[&host].push_back(now);
            plan.ended(host);
            plan.left(host);
            ++count;
        }
        return count;
    }
    /// Goes from one time that it asks for to the next, until this one.
    void run_until(time_point end) {
        for (time_point now = start; now <= end; now = plan.next_time()) send(now);
    }
};

schedule::limits limits_of(pace all, pace each) {
    return {.under_way = 100, .per_host = 8, .resolving = 1, .all = all, .each = each, .parked = 10};
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
