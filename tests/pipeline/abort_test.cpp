// Runs that end because too much fails.
#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "penstock/compose.hpp"
#include "penstock/errors.hpp"
#include "penstock/sources/from.hpp"
#include "penstock/testing/run_inline.hpp"
#include "tests/account.hpp"

namespace ps = penstock;
using ps::testing::settled_run;

namespace {

/// A run over the numbers below `items`; those for which `bad` holds fail, in a stage or in the sink.
template <class Bad>
ps::report run_over(int items, Bad bad, const ps::run_options& options, bool in_sink = false) {
    std::vector<int> numbers(static_cast<std::size_t>(items));
    std::iota(numbers.begin(), numbers.end(), 0);
    const auto refuse = [bad](int n) {
        if (bad(n)) throw std::runtime_error("refused");
    };
    if (in_sink) return settled_run(ps::from(numbers) | ps::in_order("store", refuse), options);
    return settled_run(ps::from(numbers)
                           | ps::in_order("check",
                                          [refuse](int n) {
                                              refuse(n);
                                              return n;
                                          })
                           | ps::in_order("keep", [](int) {}),
                       options);
}

TEST(abort, H24_a_run_names_the_threshold_and_the_item_that_reached_it) {
    for (const bool in_sink : {false, true})
        for (const std::size_t queue : {std::size_t{1}, std::size_t{2}, std::size_t{64}}) {
            SCOPED_TRACE(queue);
            const ps::report done = run_over(
                10'000, [](int n) { return n >= 100 && n != 104; },
                {.queue_size = queue, .abort_when = {.consecutive_failures = 5}}, in_sink);
            EXPECT_EQ(done.reason, ps::end_reason::aborted) << done;
            EXPECT_FALSE(done.clean());
            ASSERT_TRUE(done.aborted_for);
            EXPECT_EQ(done.aborted_for->threshold, "consecutive_failures");
            EXPECT_EQ(done.aborted_for->item, 109U);
            EXPECT_NE(done.detail.find("abort_when.consecutive_failures was reached by item 109"), std::string::npos)
                << done.detail;
            EXPECT_EQ(done.count(ps::outcome::committed), 101U);
            // What was in flight settles, and no more is taken.
            EXPECT_LE(done.taken(), 110U + queue);
        }
}

TEST(abort, H24_a_share_below_the_threshold_ends_nothing) {
    const ps::report low = run_over(1000, [](int n) { return n % 100 < 19; },
                                    {.queue_size = 8, .abort_when = {.error_rate = 0.20, .min_sample = 1000}});
    EXPECT_EQ(low.reason, ps::end_reason::completed) << low;
    EXPECT_FALSE(low.aborted_for);
    const ps::report high = run_over(1000, [](int n) { return n % 5 == 4; },
                                     {.queue_size = 1, .abort_when = {.error_rate = 0.20, .min_sample = 10}});
    ASSERT_TRUE(high.aborted_for) << high;
    EXPECT_EQ(high.aborted_for->threshold, "error_rate");
    EXPECT_EQ(high.aborted_for->item, 9U);
}

TEST(abort, a_run_inline_ends_like_any_other) {
    std::vector<int> numbers(100);
    std::iota(numbers.begin(), numbers.end(), 0);
    const auto aborted_at = [&](const ps::abort_thresholds& when) {
        auto job = ps::from(numbers) | ps::serial("refuse", [](int) { throw std::runtime_error("refused"); });
        const ps::report done = ps::testing::run_inline(job, {.abort_when = when});
        ps::testing::expect_settled(done);
        EXPECT_EQ(done.reason, ps::end_reason::aborted) << done;
        return done.aborted_for.value_or(ps::abort_cause{}).item;
    };
    EXPECT_EQ(aborted_at({.error_rate = 0.5, .min_sample = 10}), 9U);
    EXPECT_EQ(aborted_at({.consecutive_failures = 5}), 4U);
}

TEST(abort, bad_items_among_good_ones_in_a_group_are_not_in_a_row) {
    for (const bool in_sink : {false, true}) {
        const ps::report done = run_over(
            20'000, [](int n) { return n % 10 == 3; }, {.queue_size = 1000, .abort_when = {.consecutive_failures = 2}},
            in_sink);
        EXPECT_EQ(done.reason, ps::end_reason::completed) << done;
        EXPECT_EQ(done.count(ps::outcome::dead), 2000U);
    }
}

TEST(abort, many_workers_count_every_failure) {
    std::vector<int> numbers(50'000);
    const ps::report done =
        settled_run(ps::from(numbers)
                        | ps::parallel("fail",
                                       [](int n) {
                                           if (n == 0) throw std::runtime_error("always");
                                           return n;
                                       })
                        | ps::serial("keep", [](int) {}),
                    {.max_workers = 8, .queue_size = 500, .abort_when = {.error_rate = 0.5, .min_sample = 1000}});
    ASSERT_TRUE(done.aborted_for) << done;
    EXPECT_GE(done.count(ps::outcome::dead), 500U);
    EXPECT_LT(done.taken(), 50'000U);
}

TEST(abort, thresholds_that_mean_nothing_are_refused) {
    const auto refused = [](const ps::abort_thresholds& when) {
        auto job = ps::from(std::vector<int>{1}) | ps::serial("none", [](int) {});
        try {
            (void)job.run({.abort_when = when});
        } catch (const ps::bad_option& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    EXPECT_NE(refused({.error_rate = 20}).find("abort_when.error_rate"), std::string::npos);
    EXPECT_NE(refused({.error_rate = std::numeric_limits<double>::quiet_NaN()}).find("error_rate"), std::string::npos);
    EXPECT_NE(refused({.http = {.error_rate = -0.1}}).find("abort_when.http.error_rate"), std::string::npos);
    EXPECT_NE(refused({.parse = {.error_rate = 0.1, .min_sample = 0}}).find("parse.min_sample"), std::string::npos);
}

}  // namespace
