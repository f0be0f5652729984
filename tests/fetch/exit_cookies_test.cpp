// Whose cookies are whose: the rule by itself.
#include "exit_cookies.hpp"

#include <gtest/gtest.h>

namespace penstock::fetch_stage {
namespace {

using namespace std::chrono_literals;

/// Cookies of one server, with clocks of their own.
struct shop {
    void keep(std::string_view exit, std::string_view field) { cookies.keep(exit, field, where, at); }
    void put(std::string_view field) { cookies.put(*read_cookie(field, where, at), at.now); }
    std::string sent(std::string_view exit) { return cookies.field_for(exit, where, at.now); }

    exit_cookies cookies;
    split_url where = split("http://shop.example/");
    cookie_time at{time_point(1000h), std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};
};

TEST(exit_cookies, that_came_through_an_exit_go_out_through_no_other) {
    shop s;
    s.keep("one", "a=1");
    s.keep("two", "b=2");
    EXPECT_EQ(s.sent("one"), "a=1");
    EXPECT_EQ(s.sent("two"), "b=2");
    EXPECT_EQ(s.sent("three"), "");
    EXPECT_EQ(s.sent(""), "");
}

TEST(exit_cookies, that_were_set_by_hand_or_came_directly_go_out_through_every_exit) {
    shop s;
    s.put("hand=1");
    s.keep("", "direct=2");
    s.keep("one", "own=3");
    EXPECT_EQ(s.sent("one"), "hand=1; direct=2; own=3");
    EXPECT_EQ(s.sent("two"), "hand=1; direct=2");
    EXPECT_EQ(s.sent(""), "hand=1; direct=2");
}

TEST(exit_cookies, of_an_exit_go_in_place_of_the_common_one_while_they_last) {
    shop s;
    s.put("a=common");
    s.keep("one", "a=own; Max-Age=60");
    s.keep("one", "a=elsewhere; Path=/other");
    EXPECT_EQ(s.sent("one"), "a=own");
    EXPECT_EQ(s.sent("two"), "a=common");
    s.at.now += 60s;
    EXPECT_EQ(s.sent("one"), "a=common");
}

TEST(exit_cookies, go_with_their_exit_and_with_their_last_cookie) {
    shop s;
    s.put("hand=1");
    s.keep("one", "a=1");
    s.keep("two", "b=2");
    s.cookies.forget("one");
    s.cookies.forget("unknown");
    EXPECT_EQ(s.sent("one"), "hand=1");
    EXPECT_EQ(s.sent("two"), "hand=1; b=2");
    s.keep("two", "b=; Max-Age=0");
    s.keep("three", "c=; Max-Age=0");
    EXPECT_EQ(s.cookies.exits(), 0U);
    s.keep("two", "b=2");
    s.cookies.clear();
    EXPECT_TRUE(s.cookies.empty());
    EXPECT_EQ(s.sent("two"), "");
}

TEST(exit_cookies, are_bounded_and_the_exit_unused_the_longest_goes_first) {
    shop s;
    s.put("hand=1");
    s.keep("first", "a=1");
    s.keep("second", "a=1");
    for (std::size_t i = 2; i < exit_cookies::most; ++i) s.keep("exit " + std::to_string(i), "a=1");
    EXPECT_EQ(s.cookies.exits(), exit_cookies::most);
    EXPECT_EQ(s.sent("first"), "hand=1; a=1");  // Used, so it stays.
    s.keep("next", "a=1");
    EXPECT_EQ(s.cookies.exits(), exit_cookies::most);
    EXPECT_EQ(s.sent("first"), "hand=1; a=1");
    EXPECT_EQ(s.sent("second"), "hand=1");
    EXPECT_EQ(s.sent("next"), "hand=1; a=1");
}

}  // namespace
}  // namespace penstock::fetch_stage
