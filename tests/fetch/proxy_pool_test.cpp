#include "proxy_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

namespace penstock::fetch_stage {
namespace {

using namespace std::chrono_literals;
using rotation = proxy_options::rotation;
using what = proxy_pool::choice::what;

const std::vector<std::chrono::milliseconds> usual_ladder = proxy_options().lockouts;

time_point at(std::chrono::nanoseconds time) { return time_point(std::chrono::hours(1) + time); }

proxy_pool make(std::size_t count, rotation how, unsigned per_proxy = 1000, pace each = {}, unsigned faults = 1) {
    return proxy_pool(count,
                      {.policy = how,
                       .per_proxy = per_proxy,
                       .each = each,
                       .faults = {.max_faults = faults, .ladder = usual_ladder},
                       .cool_down = 300s},
                      1);
}

proxy_pool::asked for_host(std::string_view target, std::span<const std::uint32_t> tried = {}) {
    return {target, target, tried};
}

/// Sends so many attempts, so many of them under way at once, and counts them by proxy.
std::vector<unsigned> histogram(proxy_pool& pool, unsigned attempts, std::size_t at_once, time_point now) {
    std::vector<unsigned> counts(pool.size());
    std::vector<std::uint32_t> under_way;
    std::mt19937 dice(5);
    for (unsigned i = 0; i < attempts; ++i) {
        if (under_way.size() == at_once) {
            std::swap(under_way[dice() % at_once], under_way.back());
            pool.end(under_way.back());
            under_way.pop_back();
        }
        const auto chosen = pool.choose(for_host("http://h"), now);
        EXPECT_EQ(chosen.is, what::go);
        pool.begin(chosen.proxy, now);
        ++counts[chosen.proxy];
        under_way.push_back(chosen.proxy);
    }
    for (const std::uint32_t one : under_way) pool.end(one);
    return counts;
}

TEST(proxy_pool, rotation_is_fair_within_a_tenth) {
    for (const rotation how : {rotation::round_robin, rotation::least_used, rotation::random}) {
        for (const std::size_t at_once : {1, 7, 100}) {
            proxy_pool pool = make(10, how);
            pool.faulted(3, fault_scope::whole, for_host("http://h"), at(0s), at(0s));
            const auto counts = histogram(pool, 9000, at_once, at(1s));
            for (std::uint32_t i = 0; i < 10; ++i) {
                // Lots fall unevenly: six standard deviations.
                const double slack = how == rotation::random ? 180 : 100;
                EXPECT_NEAR(counts[i], i == 3 ? 0 : 1000, i == 3 ? 0 : slack) << i << " of " << at_once;
            }
        }
    }
}

TEST(proxy_pool, X7_a_proxy_that_returns_gets_its_share_and_no_more) {
    for (const rotation how : {rotation::round_robin, rotation::least_used}) {
        proxy_pool pool = make(4, how);
        pool.faulted(1, fault_scope::whole, for_host("http://h"), at(0s), at(0s));
        EXPECT_EQ(histogram(pool, 3000, 10, at(1s))[1], 0U);
        const auto counts = histogram(pool, 4000, 10, at(5min));
        for (const unsigned count : counts) EXPECT_NEAR(count, 1000, 100);
    }
}

TEST(proxy_pool, a_retry_takes_a_proxy_that_was_not_tried_if_there_is_one) {
    proxy_pool pool = make(3, rotation::round_robin);
    const std::vector<std::uint32_t> two = {0, 2};
    EXPECT_EQ(pool.choose(for_host("http://h", two), at(0s)).proxy, 1U);
    EXPECT_TRUE(pool.has_other("http://h", two, at(0s)));
    const std::vector<std::uint32_t> all = {0, 1, 2};
    EXPECT_EQ(pool.choose(for_host("http://h", all), at(0s)).is, what::go);
    EXPECT_FALSE(pool.has_other("http://h", all, at(0s)));
}

TEST(proxy_pool, the_ladder_is_5_min_20_min_1_h_4_h_24_h_and_then_a_ban) {
    proxy_pool pool = make(1, rotation::round_robin);
    time_point now = at(0s);
    for (const auto each : {5min, 20min, 60min, 240min, 1440min}) {
        EXPECT_TRUE(pool.faulted(0, fault_scope::whole, for_host("http://h"), now, now));
        EXPECT_EQ(pool.locked_until(0, "http://h"), now + each);
        EXPECT_EQ(pool.choose(for_host("http://h"), now + each - 1ns).is, what::locked_out);
        now += each;
        EXPECT_EQ(pool.choose(for_host("http://h"), now).is, what::go);
    }
    EXPECT_TRUE(pool.faulted(0, fault_scope::whole, for_host("http://h"), now, now));
    EXPECT_EQ(pool.choose(for_host("http://h"), now + std::chrono::hours(100'000)).until, lockout::for_ever);
}

TEST(proxy_pool, an_answer_begins_the_ladder_anew) {
    proxy_pool pool = make(1, rotation::round_robin);
    pool.faulted(0, fault_scope::whole, for_host("http://h"), at(0s), at(0s));
    pool.answered(0, "http://h", at(5min));
    pool.faulted(0, fault_scope::whole, for_host("http://h"), at(6min), at(6min));
    EXPECT_EQ(pool.locked_until(0, "http://h"), at(11min));
}

TEST(proxy_pool, faults_of_attempts_that_were_under_way_together_are_one_step) {
    proxy_pool pool = make(1, rotation::round_robin);
    for (int i = 0; i < 100; ++i) pool.faulted(0, fault_scope::whole, for_host("http://h"), at(0s), at(1s));
    EXPECT_EQ(pool.locked_until(0, "http://h"), at(5min + 1s));
}

TEST(proxy_pool, a_refusal_locks_out_for_that_target_only) {
    proxy_pool pool = make(2, rotation::round_robin);
    for (std::uint32_t i = 0; i < 2; ++i) pool.faulted(i, fault_scope::target, for_host("http://h"), at(0s), at(0s));
    const auto none = pool.choose(for_host("http://h"), at(1s));
    EXPECT_EQ(none.is, what::no_way);
    EXPECT_EQ(none.until, at(5min));
    EXPECT_EQ(pool.choose(for_host("http://other"), at(1s)).is, what::go);
    EXPECT_FALSE(pool.all_locked_out(at(1s)));
}

TEST(proxy_pool, X2_all_locked_out_is_a_state_with_its_end) {
    proxy_pool pool = make(2, rotation::round_robin);
    pool.faulted(0, fault_scope::whole, for_host("http://h"), at(0s), at(0s));
    EXPECT_FALSE(pool.all_locked_out(at(1s)));
    pool.faulted(1, fault_scope::whole, for_host("http://h"), at(2s), at(2s));
    const auto none = pool.choose(for_host("http://h"), at(3s));
    EXPECT_EQ(none.is, what::locked_out);
    EXPECT_EQ(none.proxy, 0U);
    EXPECT_EQ(none.until, at(5min));
    EXPECT_TRUE(pool.all_locked_out(at(3s)));
    EXPECT_EQ(pool.first_to_return().until, at(5min));
}

TEST(proxy_pool, a_proxy_takes_no_more_at_once_than_it_may) {
    proxy_pool pool = make(2, rotation::round_robin, 1);
    pool.begin(pool.choose(for_host("http://h"), at(0s)).proxy, at(0s));
    pool.begin(pool.choose(for_host("http://h"), at(0s)).proxy, at(0s));
    EXPECT_EQ(pool.choose(for_host("http://h"), at(0s)).is, what::wait);
    pool.end(1);
    EXPECT_EQ(pool.choose(for_host("http://h"), at(0s)).is, what::go);
    EXPECT_EQ(pool.choose(for_host("http://h"), at(0s)).proxy, 1U);
}

TEST(proxy_pool, a_proxy_takes_no_more_in_a_second_than_it_may) {
    proxy_pool pool = make(2, rotation::least_used, 1000, pace(10.0, 1));
    unsigned sent = 0;
    for (time_point now = at(0s); now < at(100s); now += 10ms) {
        while (true) {
            const auto chosen = pool.choose(for_host("http://h"), now);
            if (chosen.is != what::go) {
                EXPECT_EQ(chosen.is, what::wait);
                EXPECT_LE(pool.next_time(chosen.proxy), now + 100ms);
                break;
            }
            pool.begin(chosen.proxy, now);
            pool.end(chosen.proxy);
            ++sent;
        }
    }
    EXPECT_NEAR(sent, 2000, 20);
}

TEST(proxy_pool, a_key_keeps_its_proxy_until_that_fails_it) {
    proxy_pool pool = make(5, rotation::sticky);
    std::map<std::string, std::uint32_t> first;
    for (int i = 0; i < 20; ++i) {
        const std::string key = "key" + std::to_string(i);
        first[key] = pool.choose({"http://h", key, {}}, at(0s)).proxy;
    }
    std::vector<unsigned> keys_of(5);
    for (const auto& [key, proxy] : first) ++keys_of[proxy];
    for (const unsigned keys : keys_of) EXPECT_EQ(keys, 4U);
    for (const auto& [key, proxy] : first) {
        EXPECT_EQ(pool.choose({"http://h", key, {}}, at(1s)).proxy, proxy);
    }
    const std::uint32_t bad = first["key0"];
    pool.faulted(bad, fault_scope::whole, {"http://h", "key0", {}}, at(2s), at(2s));
    for (const auto& [key, proxy] : first) {
        const std::uint32_t now = pool.choose({"http://h", key, {}}, at(3s)).proxy;
        EXPECT_EQ(now == proxy, proxy != bad) << key;
    }
}

TEST(proxy_pool, a_proxy_that_a_key_has_left_rests_for_its_cool_down) {
    proxy_pool pool = make(3, rotation::sticky, 1000, {}, 100);
    for (const char* key : {"a", "b", "c", "d"}) (void)pool.choose({"http://h", key, {}}, at(0s));
    // It has one key fewer than the others now, and would be the next one's but for its rest.
    const std::uint32_t left = pool.choose({"http://h", "b", {}}, at(0s)).proxy;
    pool.faulted(left, fault_scope::target, {"http://h", "b", {}}, at(0s), at(0s));
    EXPECT_NE(pool.choose({"http://h", "e", {}}, at(299s)).proxy, left);
    EXPECT_EQ(pool.choose({"http://h", "f", {}}, at(300s)).proxy, left);
}

TEST(proxy_pool, does_what_a_model_of_its_lockouts_does_in_any_order_of_events) {
    const char* const given = std::getenv("PENSTOCK_TEST_SEED");
    const auto seed = given != nullptr ? static_cast<std::uint32_t>(std::stoul(given)) : std::random_device()();
    SCOPED_TRACE("PENSTOCK_TEST_SEED=" + std::to_string(seed));
    std::mt19937 dice(seed);
    const auto draw = [&](unsigned below) { return static_cast<unsigned>(dice() % below); };
    struct lock {
        unsigned row = 0, rung = 0;
        time_point until{};
    };
    const std::vector<std::string> targets = {"http://a", "http://b"};
    for (int round = 0; round < 1500; ++round) {
        const unsigned count = 1 + draw(3);
        const unsigned most_faults = 1 + draw(4);
        const unsigned per_proxy = 1 + draw(3);
        const auto how = static_cast<rotation>(draw(4));
        const std::vector<std::chrono::milliseconds> ladder(1 + draw(3), 10s);
        proxy_pool pool(count, {how, per_proxy, {}, {most_faults, ladder}, 0s}, draw(UINT32_MAX));
        std::map<std::pair<unsigned, std::string>, lock> locks;  // "" for all targets.
        struct attempt {
            std::uint32_t proxy;
            std::string target;
            time_point began;
        };
        std::vector<attempt> under_way;
        time_point now = at(0s);
        const auto locked = [&](unsigned proxy, const std::string& target) {
            return locks[{proxy, target}].until > now || locks[{proxy, ""}].until > now;
        };
        for (int step = 0; step < 80; ++step) {
            now += std::chrono::seconds(draw(4));
            const std::string target = targets[draw(2)];
            if (draw(2) == 0) {
                bool any = false, room = false, all_whole = true;
                for (unsigned i = 0; i < count; ++i) {
                    const auto there = std::count_if(under_way.begin(), under_way.end(),
                                                     [&](const attempt& a) { return a.proxy == i; });
                    any = any || !locked(i, target);
                    room = room || (!locked(i, target) && there < static_cast<int>(per_proxy));
                    all_whole = all_whole && locks[{i, ""}].until > now;
                }
                const auto chosen = pool.choose(for_host(target), now);
                const auto info = "round " + std::to_string(round) + ", step " + std::to_string(step);
                if (!any) {
                    ASSERT_EQ(chosen.is, all_whole ? what::locked_out : what::no_way) << info;
                    continue;
                }
                ASSERT_FALSE(locked(chosen.proxy, target)) << info;
                if (how != rotation::sticky) {
                    ASSERT_EQ(chosen.is, room ? what::go : what::wait) << info;
                }
                if (chosen.is != what::go) continue;
                pool.begin(chosen.proxy, now);
                ASSERT_LE(pool.under_way(chosen.proxy), per_proxy) << info;
                under_way.push_back({chosen.proxy, target, now});
            } else if (!under_way.empty()) {
                const std::size_t which = draw(static_cast<unsigned>(under_way.size()));
                const attempt one = under_way[which];
                under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(which));
                pool.end(one.proxy);
                const auto scope = draw(2) == 0 ? fault_scope::whole : fault_scope::target;
                if (draw(3) == 0) {
                    pool.answered(one.proxy, one.target, one.began);
                    for (const std::string& of : {one.target, std::string()}) {
                        lock& other = locks[{one.proxy, of}];
                        if (one.began >= other.until) other.row = other.rung = 0;
                    }
                    continue;
                }
                lock& hit = locks[{one.proxy, scope == fault_scope::whole ? "" : one.target}];
                bool locks_out = false;
                if (one.began >= hit.until && (++hit.row >= most_faults || hit.rung > 0)) {
                    locks_out = true;
                    hit.row = 0;
                    hit.until = hit.rung < ladder.size() ? now + 10s : time_point::max();
                    hit.rung += hit.rung < ladder.size();
                }
                ASSERT_EQ(pool.faulted(one.proxy, scope, for_host(one.target), one.began, now), locks_out)
                    << "round " << round << ", step " << step;
            }
        }
    }
}

}  // namespace
}  // namespace penstock::fetch_stage
