#include <gtest/gtest.h>

#include "cookie_jar.hpp"

namespace penstock::fetch_stage {
namespace {

using namespace std::chrono_literals;

/// A jar with its own clocks.
struct jar {
    void keep(std::string_view url, std::string_view field) { cookies.keep(field, split(url), at); }
    std::string sent(std::string_view url) const { return cookies.field_for(split(url), at.now); }
    void pass(std::chrono::seconds time) {
        at.now += time;
        at.calendar += time;
    }
    cookie_jar cookies;
    cookie_time at{time_point(1000h), std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};
};

TEST(cookies, go_back_to_their_host_and_path) {
    jar j;
    j.keep("https://shop.example/a/login", "s=1");
    EXPECT_EQ(j.sent("https://shop.example/a/b"), "s=1");
    EXPECT_EQ(j.sent("https://SHOP.example/a"), "s=1");
    EXPECT_EQ(j.sent("https://shop.example/ab"), "");
    EXPECT_EQ(j.sent("https://shop.example/"), "");
    EXPECT_EQ(j.sent("https://www.shop.example/a"), "");
    EXPECT_EQ(j.sent("https://example/a"), "");
    j.keep("https://shop.example/a/login", "t=2; path=/");
    EXPECT_EQ(j.sent("https://shop.example/a/x"), "s=1; t=2");
    EXPECT_EQ(j.sent("https://shop.example"), "t=2");
}

TEST(cookies, go_to_hosts_below_a_domain_and_to_no_other) {
    jar j;
    j.keep("http://www.example.com/", "a=1; Domain=.Example.com");
    EXPECT_EQ(j.sent("http://example.com/"), "a=1");
    EXPECT_EQ(j.sent("http://deep.www.example.com/"), "a=1");
    EXPECT_EQ(j.sent("http://notexample.com/"), "");
    j.keep("http://www.example.com/", "b=1; Domain=other.com");
    j.keep("http://www.example.com/", "c=1; Domain=deep.www.example.com");
    j.keep("http://127.0.0.1/", "d=1; Domain=0.0.1");
    EXPECT_EQ(j.cookies.size(), 1U);
}

TEST(cookies, for_a_public_suffix_stay_with_their_host) {
    jar j;
    for (const char* domain : {"com", "uk", "co.uk", "com.au"}) {
        const std::string host = "http://www.shop." + std::string(domain) + '/';
        j.keep(host, std::string("a=1; Domain=") + domain);
        EXPECT_EQ(j.sent(host), "a=1") << domain;
        EXPECT_EQ(j.sent("http://victim." + std::string(domain) + '/'), "") << domain;
    }
    j.keep("http://www.heise.de/", "a=1; Domain=heise.de");
    EXPECT_EQ(j.sent("http://heise.de/"), "a=1");
}

TEST(cookies, that_are_secure_need_TLS_both_ways) {
    jar j;
    j.keep("http://example.com/", "a=1; Secure");
    EXPECT_EQ(j.cookies.size(), 0U);
    j.keep("https://example.com/", "a=1; Secure");
    EXPECT_EQ(j.sent("https://example.com/"), "a=1");
    EXPECT_EQ(j.sent("http://example.com/"), "");
}

TEST(cookies, H11_stay_with_their_port) {
    jar j;
    j.keep("http://127.0.0.1:8080/", "a=1");
    EXPECT_EQ(j.sent("http://127.0.0.1:8080/x"), "a=1");
    EXPECT_EQ(j.sent("http://127.0.0.1:8081/x"), "");
    EXPECT_EQ(j.sent("http://127.0.0.1/x"), "");
    j.keep("https://example.com/", "b=1");
    EXPECT_EQ(j.sent("http://example.com/"), "b=1");
    EXPECT_EQ(j.sent("https://example.com:8443/"), "");
}

TEST(cookies, end_when_their_time_is_over) {
    jar j;
    j.keep("http://h.example/", "a=1; Max-Age=3600; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    j.keep("http://h.example/", "b=1; Expires=Sun, 22 Nov 2026 02:00:00 GMT");
    j.keep("http://h.example/", "c=1; Expires=Sunday, 22-Nov-26 02:00:00 GMT");
    j.keep("http://h.example/", "d=1; Expires=garbage");
    j.keep("http://h.example/", "e=1; Max-Age=99999999999999999999");
    EXPECT_EQ(j.sent("http://h.example/"), "a=1; b=1; c=1; d=1; e=1");
    j.pass(3599s);
    EXPECT_EQ(j.sent("http://h.example/"), "a=1; b=1; c=1; d=1; e=1");
    j.pass(1s);
    EXPECT_EQ(j.sent("http://h.example/"), "b=1; c=1; d=1; e=1");
    j.pass(2h);
    EXPECT_EQ(j.sent("http://h.example/"), "d=1; e=1");
    j.pass(24h * 400);
    EXPECT_EQ(j.sent("http://h.example/"), "d=1");
}

TEST(cookies, O7_end_by_the_clock_that_does_not_jump) {
    jar j;
    j.keep("http://h.example/", "a=1; Expires=Sun, 22 Nov 2026 02:00:00 GMT");
    j.at.calendar += 24h;
    EXPECT_EQ(j.sent("http://h.example/"), "a=1");
}

TEST(cookies, are_replaced_and_taken_back) {
    jar j;
    j.keep("http://h.example/", "a=1");
    j.keep("http://h.example/", "b=1");
    j.keep("http://h.example/", "a=2");
    EXPECT_EQ(j.sent("http://h.example/"), "a=2; b=1");
    j.keep("http://h.example/", "a=; Max-Age=0");
    j.keep("http://h.example/", "b=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(j.sent("http://h.example/"), "");
    EXPECT_EQ(j.cookies.size(), 0U);
}

TEST(cookies, are_taken_back_by_any_date_in_the_past) {
    for (const char* gone : {"Thu, 01-Jan-70 00:00:01 GMT", "Wed, 31 Dec 1969 23:00:00 GMT",
                             "Mon, 01 Jan 1900 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:01 GMT"}) {
        jar j;
        j.keep("http://h.example/", "session=17");
        j.keep("http://h.example/", std::string("session=deleted; Expires=") + gone);
        EXPECT_EQ(j.sent("http://h.example/"), "") << gone;
    }
}

TEST(cookies, keep_the_promise_of_their_prefix) {
    jar j;
    j.keep("https://h.example/", "__Secure-a=1");
    j.keep("https://h.example/", "__Host-a=1; Secure; Path=/; Domain=h.example");
    j.keep("https://h.example/", "__Host-a=1; Secure; Path=/x");
    EXPECT_EQ(j.cookies.size(), 0U);
    j.keep("https://h.example/", "__Host-a=1; Secure; Path=/");
    j.keep("https://h.example/", "__Secure-a=1; Secure");
    EXPECT_EQ(j.cookies.size(), 2U);
}

TEST(cookies, that_are_none_are_ignored) {
    jar j;
    for (const std::string& field : {std::string("no pair"), std::string("=x"), std::string(""), std::string("a=b\x01"),
                                     "a=" + std::string(5000, 'x'), "a=1; x=" + std::string(10'000, 'x')}) {
        j.keep("http://h.example/", field);
        EXPECT_EQ(j.cookies.size(), 0U) << field;
    }
    j.keep("http://h.example/", " a = b=c ; ; =; Path=relative");
    EXPECT_EQ(j.sent("http://h.example/"), "a=b=c");
}

TEST(cookies, are_bounded_and_the_oldest_go_first) {
    jar j;
    for (int i = 0; i < 100; ++i) j.keep("http://h.example/", "c" + std::to_string(i) + "=1");
    EXPECT_EQ(j.cookies.size(), 50U);
    EXPECT_TRUE(j.sent("http://h.example/").starts_with("c50=1; "));
    for (int i = 0; i < 2000; ++i) j.keep("http://h" + std::to_string(i) + ".example/", "a=1");
    EXPECT_EQ(j.cookies.size(), 1000U);
    EXPECT_EQ(j.sent("http://h999.example/"), "");
    EXPECT_EQ(j.sent("http://h1999.example/"), "a=1");
}

}  // namespace
}  // namespace penstock::fetch_stage
