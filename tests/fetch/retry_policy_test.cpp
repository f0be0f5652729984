#include "retry_policy.hpp"

#include <gtest/gtest.h>

namespace penstock::fetch_stage {
namespace {

using namespace std::chrono_literals;

constexpr time_point now{std::chrono::hours(1)};
constexpr time_point far = now + 24h;

std::chrono::milliseconds wait_of(const std::variant<time_point, giving_up>& next) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::get<time_point>(next) - now);
}

TEST(retry_policy, waits_double_up_to_the_longest) {
    const retry_policy policy({.retries = 10, .backoff = 1s, .max_backoff = 60s});
    const std::chrono::milliseconds expected[] = {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s};
    for (unsigned attempts = 1; attempts <= 8; ++attempts) {
        EXPECT_EQ(wait_of(policy.next(attempts, now, far, 1, 0s)), expected[attempts - 1]) << attempts;
    }
}

TEST(retry_policy, a_wait_is_drawn_from_the_upper_half) {
    const retry_policy policy({.backoff = 1s});
    EXPECT_EQ(wait_of(policy.next(1, now, far, 0, 0s)), 500ms);
    EXPECT_EQ(wait_of(policy.next(1, now, far, 0.5, 0s)), 750ms);
}

TEST(retry_policy, retries_are_counted_after_the_first_attempt) {
    const retry_policy policy({.retries = 3});
    EXPECT_TRUE(std::holds_alternative<time_point>(policy.next(3, now, far, 0, 0s)));
    EXPECT_EQ(std::get<giving_up>(policy.next(4, now, far, 0, 0s)), giving_up::no_attempts_left);
    EXPECT_EQ(std::get<giving_up>(retry_policy({.retries = 0}).next(1, now, far, 0, 0s)), giving_up::no_attempts_left);
}

TEST(retry_policy, G7_no_attempt_begins_at_the_deadline_or_later) {
    const retry_policy policy({.backoff = 1s});
    EXPECT_EQ(std::get<giving_up>(policy.next(1, now, now + 1s, 1, 0s)), giving_up::no_time_left);
    EXPECT_EQ(wait_of(policy.next(1, now, now + 1001ms, 1, 0s)), 1s);
    EXPECT_EQ(std::get<giving_up>(policy.next(1, now, now - 1s, 0, 0s)), giving_up::no_time_left);
}

TEST(retry_policy, H16_what_the_server_asks_for_is_obeyed_up_to_the_longest_wait) {
    const retry_policy policy({.retries = 10, .backoff = 1s, .max_backoff = 60s});
    EXPECT_EQ(wait_of(policy.next(1, now, far, 1, 30s)), 30s);
    EXPECT_EQ(wait_of(policy.next(4, now, far, 1, 5s)), 8s);
    EXPECT_EQ(std::get<giving_up>(policy.next(1, now, far, 1, 61s)), giving_up::asked_for_too_much);
    EXPECT_EQ(std::get<giving_up>(policy.next(1, now, far, 1, 31'536'000s)), giving_up::asked_for_too_much);
}

TEST(retry_policy, H16_what_the_server_asks_for_is_too_much_if_the_item_has_no_time_for_it) {
    const retry_policy policy({.retries = 10, .backoff = 1s, .max_backoff = 60s});
    EXPECT_EQ(wait_of(policy.next(1, now, now + 30s + 1ms, 1, 30s)), 30s);
    EXPECT_EQ(std::get<giving_up>(policy.next(1, now, now + 30s, 1, 30s)), giving_up::asked_for_too_much);
    EXPECT_EQ(std::get<giving_up>(policy.next(4, now, now + 6s, 1, 5s)), giving_up::no_time_left);
}

TEST(retry_policy, H16_a_server_is_left_alone_as_long_as_it_asks_up_to_the_longest_wait) {
    const retry_policy policy({.backoff = 1s, .max_backoff = 60s});
    EXPECT_EQ(policy.pause(1, 1, 30s), 30s);
    EXPECT_EQ(policy.pause(1, 1, 31'536'000s), 60s);
    EXPECT_EQ(policy.pause(3, 1, 0s), 4s);
    EXPECT_EQ(policy.pause(9, 0.5, 1s), 45s);
}

}  // namespace
}  // namespace penstock::fetch_stage
