#include "breaker.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <random>
#include <set>
#include <vector>

namespace penstock::fetch_stage {
namespace {

using namespace std::chrono_literals;

constexpr breaker::rules usual{.max_failures = 3, .min_distinct = 2, .open_for = 60s};
constexpr auto normal = breaker::pass::usual;

time_point at(std::chrono::nanoseconds time) { return time_point(std::chrono::hours(1) + time); }

TEST(breaker, H22_stays_closed_while_all_failures_came_through_one_proxy) {
    breaker one;
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(one.failed(normal, 7, at(0s), usual));
    EXPECT_EQ(one.now(at(0s)), breaker::state::closed);
    EXPECT_TRUE(one.failed(normal, 8, at(0s), usual));
}

TEST(breaker, H23_opens_at_the_third_failure_over_two_proxies_and_not_at_the_second) {
    breaker one;
    EXPECT_FALSE(one.failed(normal, 1, at(0s), usual));
    EXPECT_FALSE(one.failed(normal, 2, at(0s), usual));
    EXPECT_EQ(one.now(at(0s)), breaker::state::closed);
    EXPECT_TRUE(one.failed(normal, 1, at(0s), usual));
    EXPECT_EQ(one.now(at(0s)), breaker::state::open);
    EXPECT_EQ(one.may_go(at(59s)), breaker::pass::none);
}

TEST(breaker, H23_half_open_lets_one_probe_go_and_no_more) {
    breaker one;
    for (std::uint32_t i = 0; i < 3; ++i) one.failed(normal, i, at(0s), usual);
    EXPECT_EQ(one.may_go(at(60s)), breaker::pass::probe);
    one.begun(breaker::pass::probe);
    EXPECT_EQ(one.now(at(60s)), breaker::state::half_open);
    EXPECT_EQ(one.may_go(at(1000s)), breaker::pass::none);
    EXPECT_TRUE(one.succeeded(breaker::pass::probe));
    EXPECT_EQ(one.now(at(1000s)), breaker::state::closed);
    EXPECT_TRUE(one.clear());
}

TEST(breaker, opens_again_for_as_long_when_the_probe_fails) {
    breaker one;
    for (std::uint32_t i = 0; i < 3; ++i) one.failed(normal, i, at(0s), usual);
    one.begun(one.may_go(at(60s)));
    EXPECT_TRUE(one.failed(breaker::pass::probe, 1, at(70s), usual));
    EXPECT_EQ(one.may_go(at(129s)), breaker::pass::none);
    EXPECT_EQ(one.may_go(at(130s)), breaker::pass::probe);
}

TEST(breaker, lets_another_probe_go_when_one_came_to_nothing) {
    breaker one;
    for (std::uint32_t i = 0; i < 3; ++i) one.failed(normal, i, at(0s), usual);
    one.begun(one.may_go(at(60s)));
    one.lost(breaker::pass::probe);
    EXPECT_EQ(one.may_go(at(60s)), breaker::pass::probe);
}

TEST(breaker, does_not_listen_to_attempts_from_before_it_opened) {
    breaker one;
    for (std::uint32_t i = 0; i < 3; ++i) one.failed(normal, i, at(0s), usual);
    EXPECT_FALSE(one.succeeded(normal));
    EXPECT_EQ(one.now(at(1s)), breaker::state::open);
    EXPECT_FALSE(one.failed(normal, 1, at(50s), usual));
    EXPECT_EQ(one.may_go(at(60s)), breaker::pass::probe);
}

TEST(breaker, H24_alternating_answers_and_failures_never_open_it) {
    breaker one;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        EXPECT_FALSE(one.failed(normal, i, at(0s), usual));
        EXPECT_FALSE(one.failed(normal, i + 1, at(0s), usual));
        one.succeeded(normal);
    }
    EXPECT_TRUE(one.clear());
}

/// What the rules say, told by looking at the whole history each time.
struct model {
    struct outcome {
        bool failed;
        std::uint32_t proxy;
    };
    breaker::rules by = {};
    std::vector<outcome> heard = {};
    bool open = false;
    bool probing = false;
    time_point until{};

    bool streak_opens() const {
        unsigned failures = 0;
        std::set<std::uint32_t> proxies;
        for (auto last = heard.rbegin(); last != heard.rend() && last->failed; ++last) {
            ++failures;
            proxies.insert(last->proxy);
        }
        return failures >= by.max_failures && proxies.size() >= by.min_distinct;
    }
    breaker::pass may_go(time_point now) const {
        if (!open) return breaker::pass::usual;
        return probing || now < until ? breaker::pass::none : breaker::pass::probe;
    }
    void end(breaker::pass as, int how, std::uint32_t proxy, time_point now) {
        if (as == breaker::pass::probe) {
            probing = false;
            if (how == 0) heard.clear(), open = false;
            if (how == 1) until = now + by.open_for;
            return;
        }
        if (open || how == 2) return;
        heard.push_back({how == 1, proxy});
        if (streak_opens()) open = true, until = now + by.open_for;
    }
};

TEST(breaker, does_what_a_model_of_it_does_in_any_order_of_events) {
    const char* const given = std::getenv("PENSTOCK_TEST_SEED");
    const auto seed = given != nullptr ? static_cast<std::uint32_t>(std::stoul(given)) : std::random_device()();
    SCOPED_TRACE("PENSTOCK_TEST_SEED=" + std::to_string(seed));
    std::mt19937 dice(seed);
    const auto draw = [&](unsigned below) { return static_cast<unsigned>(dice() % below); };
    for (int round = 0; round < 3000; ++round) {
        const breaker::rules by{1 + draw(4), 1 + draw(3), std::chrono::seconds(1 + draw(5))};
        const unsigned fails_of_ten = draw(11);
        const unsigned proxies = 1 + draw(3);
        breaker real;
        model wanted{by};
        struct attempt {
            breaker::pass as;
            std::uint32_t proxy;
        };
        std::deque<attempt> under_way;
        time_point now = at(0s);
        for (int step = 0; step < 60; ++step) {
            now += std::chrono::milliseconds(500) * draw(4);
            ASSERT_EQ(real.may_go(now), wanted.may_go(now)) << "round " << round << ", step " << step;
            if (draw(2) == 0 && real.may_go(now) != breaker::pass::none) {
                under_way.push_back({real.may_go(now), draw(proxies)});
                real.begun(under_way.back().as);
                wanted.probing = wanted.probing || under_way.back().as == breaker::pass::probe;
            } else if (!under_way.empty()) {
                const std::size_t which = draw(static_cast<unsigned>(under_way.size()));
                const attempt one = under_way[which];
                under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(which));
                const int how = draw(12) == 0 ? 2 : draw(10) < fails_of_ten ? 1 : 0;
                if (how == 0) real.succeeded(one.as);
                if (how == 1) real.failed(one.as, one.proxy, now, by);
                if (how == 2) real.lost(one.as);
                wanted.end(one.as, how, one.proxy, now);
            }
            ASSERT_EQ(real.is_open(), wanted.open) << "round " << round << ", step " << step;
        }
    }
}

}  // namespace
}  // namespace penstock::fetch_stage
