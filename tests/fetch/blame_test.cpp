#include "penstock/blame.hpp"

#include <gtest/gtest.h>

namespace penstock {
namespace {

failure answered(int status) { return {.kind = error_kind::bad_status, .reason = {}, .status = status}; }

TEST(blame, statuses_say_who_is_to_blame) {
    for (const int status : {401, 403, 429}) EXPECT_TRUE(is_blocked(answered(status))) << status;
    for (const int status : {0, 200, 400, 404, 407, 500, 503}) EXPECT_FALSE(is_blocked(answered(status))) << status;
    for (const int status : {500, 503, 599}) EXPECT_TRUE(is_server_down(answered(status))) << status;
    for (const int status : {0, 200, 404, 429, 499, 600, 999}) EXPECT_FALSE(is_server_down(answered(status))) << status;
    EXPECT_TRUE(is_proxy_error(answered(407)));
    EXPECT_FALSE(is_proxy_error(answered(502)));
}

TEST(blame, kinds_say_so_too) {
    EXPECT_TRUE(is_timeout(failure{error_kind::timeout, "late"}));
    EXPECT_FALSE(is_timeout(answered(504)));
    EXPECT_TRUE(is_proxy_error(failure{error_kind::proxy, "dead"}));
    EXPECT_TRUE(is_blocked(failure{error_kind::rate_limited, "later"}));
    EXPECT_TRUE(is_blocked(failure{.kind = error_kind::request, .reason = {}, .connection_reset = true}));
    const failure bad_url{error_kind::request, "the URL is none"};
    EXPECT_FALSE(is_blocked(bad_url) || is_proxy_error(bad_url) || is_timeout(bad_url) || is_server_down(bad_url));
}

TEST(blame, a_dead_letter_tells_the_same) {
    dead_letter letter;
    letter.kind = error_kind::timeout;
    letter.status = 503;
    EXPECT_TRUE(is_timeout(letter));
    EXPECT_TRUE(is_server_down(letter));
    EXPECT_FALSE(is_blocked(letter));
}

}  // namespace
}  // namespace penstock
