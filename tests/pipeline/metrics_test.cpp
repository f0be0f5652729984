// What a reader sees while a run goes on.
#include "penstock/metrics.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <optional>
#include <thread>
#include <vector>

#include "penstock/compose.hpp"
#include "penstock/detail/histogram.hpp"
#include "penstock/sources/generate.hpp"
#include "tests/account.hpp"

namespace ps = penstock;
using ps::testing::expect_settled;

namespace {

TEST(metrics, are_all_zero_before_the_first_run) {
    const ps::metrics none;
    EXPECT_EQ(none.snapshot().taken, 0U);
    EXPECT_EQ(none.snapshot().in_flight(), 0U);
}

TEST(metrics, G8_add_up_in_every_snapshot) {
    ps::metrics figures;
    std::atomic<bool> done{false};
    std::vector<std::jthread> readers;
    for (int i = 0; i < 4; ++i) {
        readers.emplace_back([&] {
            while (!done) {
                const ps::metrics_snapshot now = figures.snapshot();
                const auto settled = std::accumulate(now.settled.begin(), now.settled.end(), std::uint64_t{0});
                ASSERT_LE(settled, now.taken);
                ASSERT_EQ(settled + now.in_flight(), now.taken);
            }
        });
    }
    int left = 100'000;
    auto job = ps::generate([&]() -> std::optional<int> { return left > 0 ? std::optional(left--) : std::nullopt; })
               | ps::parallel("some", [](int n) { return n % 3 ? std::optional(n) : std::nullopt; })
               | ps::serial("none", [](int) {});
    expect_settled(job.run({.queue_size = 100, .metrics = &figures}));
    done = true;
    readers.clear();
    EXPECT_EQ(figures.snapshot().taken, 100'000U);
    left = 5;
    expect_settled(job.run({.metrics = &figures}));
    EXPECT_EQ(figures.snapshot().taken, 5U) << "a second run begins afresh";
}

TEST(histogram, quantiles_are_right_within_a_sixteenth) {
    ps::detail::histogram of;
    for (std::uint64_t value = 1; value <= 100'000; ++value) of.record(value);
    for (const double q : {0.01, 0.5, 0.95, 0.99, 1.0}) {
        const auto truth = q * 100'000;
        EXPECT_GE(static_cast<double>(of.quantile(q)), truth * 0.999) << q;
        EXPECT_LE(static_cast<double>(of.quantile(q)), truth * (1 + 1.0 / 16) + 1) << q;
    }
    EXPECT_EQ(ps::detail::histogram().quantile(0.5), 0U);
}

TEST(histogram, takes_any_value) {
    ps::detail::histogram of;
    of.record(0);
    EXPECT_EQ(of.quantile(1.0), 0U);
    of.record(~std::uint64_t{0});
    EXPECT_GT(of.quantile(1.0), std::uint64_t{1} << 39);
}

}  // namespace
