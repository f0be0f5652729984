#include "abort_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace penstock {
namespace {

constexpr std::size_t places = 3;

/// Judges one item after the other before the stages; the number of the item that reached a threshold, or -1.
int aborted_with(const abort_thresholds& when, const std::vector<bool>& failed,
                 error_kind kind = error_kind::bad_status) {
    abort_rules rules(when, places);
    for (std::size_t item = 0; item < failed.size(); ++item) {
        if (!failed[item]) {
            rules.good(0);
        } else if (!rules.bad(0, kind).empty()) {
            return static_cast<int>(item);
        }
    }
    return -1;
}

std::vector<bool> failures_among(std::size_t items, std::size_t failures) {
    std::vector<bool> failed(items, false);
    for (std::size_t i = 0; i < failures; ++i) failed[items - 1 - 2 * i] = true;
    return failed;
}

TEST(abort_rules, H24_the_fifth_failure_in_a_row_is_one_too_many) {
    EXPECT_EQ(aborted_with({.consecutive_failures = 5}, {true, true, true, true}), -1);
    EXPECT_EQ(aborted_with({.consecutive_failures = 5}, {true, true, true, true, true}), 4);
    EXPECT_EQ(aborted_with({.consecutive_failures = 5}, {true, true, true, true, false, true, true, true, true}), -1);
}

TEST(abort_rules, H24_items_that_fail_in_turn_never_fail_in_a_row) {
    std::vector<bool> failed;
    for (int i = 0; i < 1000; ++i) failed.push_back(i % 2 == 0);
    EXPECT_EQ(aborted_with({.consecutive_failures = 2}, failed), -1);
}

TEST(abort_rules, H24_a_share_is_believed_from_the_smallest_sample_on) {
    const abort_thresholds when{.error_rate = 0.20, .min_sample = 10};
    EXPECT_EQ(aborted_with(when, failures_among(9, 4)), -1);
    EXPECT_EQ(aborted_with(when, failures_among(10, 1)), -1);
    EXPECT_EQ(aborted_with(when, failures_among(10, 2)), 9);
    EXPECT_EQ(aborted_with(when, failures_among(100, 19)), -1);
    EXPECT_EQ(aborted_with(when, failures_among(100, 20)), 99);
}

TEST(abort_rules, a_share_whose_product_is_not_exact_is_reached_all_the_same) {
    EXPECT_EQ(aborted_with({.error_rate = 0.07, .min_sample = 100}, failures_among(100, 7)), 99);
}

TEST(abort_rules, a_place_counts_its_own_row) {
    abort_rules rules({.consecutive_failures = 3}, places);
    for (int i = 0; i < 2; ++i) {
        rules.good(0);
        EXPECT_EQ(rules.bad(1, error_kind::parse), "");
        EXPECT_EQ(rules.bad(2, error_kind::load), "");
    }
    rules.good(2);
    EXPECT_EQ(rules.bad(2, error_kind::load), "");
    rules.good(0);
    EXPECT_EQ(rules.bad(1, error_kind::parse), "consecutive_failures");
}

TEST(abort_rules, an_item_that_fails_late_counts_once_in_the_sample) {
    abort_rules rules({.error_rate = 0.5, .min_sample = 2}, places);
    rules.good(0);
    rules.good(0);
    rules.good(0);
    EXPECT_EQ(rules.bad(2, error_kind::load), "");
    EXPECT_EQ(rules.bad(1, error_kind::stage), "error_rate");
}

TEST(abort_rules, every_kind_of_failure_counts_in_its_category) {
    using enum error_kind;
    const auto fires = [](const abort_thresholds& when, error_kind kind) {
        return aborted_with(when, {true}, kind) == 0;
    };
    for (std::size_t i = 0; i < error_kind_count; ++i) {
        const auto kind = static_cast<error_kind>(i);
        const bool of_http = kind == timeout || kind == bad_status || kind == rate_limited || kind == redirect
                             || kind == request || kind == truncated || kind == too_large;
        EXPECT_EQ(fires({.http = {.failures = 1}}, kind), of_http) << to_string(kind);
        EXPECT_EQ(fires({.database = {.failures = 1}}, kind), kind == load) << to_string(kind);
        EXPECT_EQ(fires({.io = {.failures = 1}}, kind), kind == local_resource) << to_string(kind);
        EXPECT_EQ(fires({.proxy = {.failures = 1}}, kind), kind == proxy) << to_string(kind);
        EXPECT_EQ(fires({.parse = {.failures = 1}}, kind), kind == parse) << to_string(kind);
    }
}

TEST(abort_rules, nothing_is_on_by_itself_and_the_usual_ones_are_on) {
    EXPECT_FALSE(abort_thresholds{}.any());
    EXPECT_EQ(aborted_with({}, std::vector<bool>(1000, true)), -1);
    EXPECT_TRUE(usual_thresholds().any());
    EXPECT_EQ(aborted_with(usual_thresholds(), {true, false, true, false}), -1);
    EXPECT_EQ(aborted_with(usual_thresholds(), {true, false, true, false, true}), 4);
}

/// The same thresholds from the whole history, in the plainest words.
int model(const abort_thresholds& when, const std::vector<bool>& failed) {
    for (std::size_t item = 0; item < failed.size(); ++item) {
        if (!failed[item]) continue;
        std::uint64_t row = 0;
        while (row <= item && failed[item - row]) ++row;
        const auto errors = static_cast<std::uint64_t>(
            std::count(failed.begin(), failed.begin() + static_cast<std::ptrdiff_t>(item) + 1, true));
        const std::uint64_t percent_of = 100 * errors;
        const auto limit = static_cast<std::uint64_t>(100 * when.error_rate + 0.5);
        if (when.consecutive_failures != 0 && row == when.consecutive_failures) return static_cast<int>(item);
        if (limit != 0 && item + 1 >= when.min_sample && percent_of >= limit * (item + 1))
            return static_cast<int>(item);
    }
    return -1;
}

TEST(abort_rules, agree_with_a_model_around_every_edge) {
    const unsigned seed = std::random_device()();
    std::mt19937 dice(seed);
    const auto draw = [&](int least, int most) { return std::uniform_int_distribution(least, most)(dice); };
    for (int round = 0; round < 20'000; ++round) {
        const abort_thresholds when{.consecutive_failures = static_cast<std::uint64_t>(draw(0, 1) * draw(4, 5)),
                                    .error_rate = draw(0, 1) * draw(19, 21) / 100.0,
                                    .min_sample = static_cast<std::uint64_t>(draw(9, 10))};
        std::vector<bool> failed(static_cast<std::size_t>(draw(1, 40)));
        const int often = draw(1, 60);
        for (std::size_t i = 0; i < failed.size(); ++i) failed[i] = draw(0, 99) < often;
        ASSERT_EQ(aborted_with(when, failed), model(when, failed)) << "seed " << seed << ", round " << round;
    }
}

TEST(should_abort, names_the_first_cause_in_order) {
    const auto of = [](error_kind kind, int status = 0) { return failure{kind, {}, status}; };
    const auto why = [](const failure& told, bool through_proxies = false) {
        const char* const said = should_abort(told, through_proxies);
        return std::string(said == nullptr ? "" : said);
    };
    EXPECT_EQ(why(of(error_kind::timeout, 403)), "the server blocks this client");
    EXPECT_EQ(why(of(error_kind::proxy), true), "the proxy fails");
    EXPECT_EQ(why(of(error_kind::proxy), false), "");
    EXPECT_EQ(why(of(error_kind::timeout, 503)), "time ran out");
    EXPECT_EQ(why(of(error_kind::bad_status, 503)), "the server is down");
    EXPECT_EQ(why(of(error_kind::parse, 200)), "");
}

TEST(should_abort, reads_thresholds_off_figures) {
    metrics_snapshot figures;
    figures.taken = 100;
    figures.settled[static_cast<std::size_t>(outcome::committed)] = 8;
    figures.settled[static_cast<std::size_t>(outcome::dead)] = 1;
    figures.errors[static_cast<std::size_t>(error_kind::parse)] = 1;
    EXPECT_EQ(should_abort(figures, {.error_rate = 0.1, .min_sample = 10}), std::nullopt);
    EXPECT_EQ(should_abort(figures, {.error_rate = 0.1, .min_sample = 9}), "error_rate");
    EXPECT_EQ(should_abort(figures, {.parse = {.failures = 1}}), "parse.failures");
}

TEST(should_abort, takes_the_share_of_items_in_doubt_of_all_that_are_settled) {
    metrics_snapshot figures;
    figures.settled[static_cast<std::size_t>(outcome::committed)] = 90;
    figures.settled[static_cast<std::size_t>(outcome::in_doubt)] = 10;
    figures.errors[static_cast<std::size_t>(error_kind::load)] = 10;
    EXPECT_EQ(should_abort(figures, {.error_rate = 0.11}), std::nullopt);
    EXPECT_EQ(should_abort(figures, {.error_rate = 0.10}), "error_rate");
}

}  // namespace
}  // namespace penstock
