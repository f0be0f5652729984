#include "redirect.hpp"

#include <gtest/gtest.h>

namespace penstock::fetch_stage {
namespace {

std::string to(std::string_view current, std::string_view location) {
    const auto next = follow(current, location, 1, 5);
    return std::holds_alternative<hop>(next) ? std::get<hop>(next).url : "refused: " + std::get<failure>(next).reason;
}
bool refused(std::string_view current, std::string_view location) {
    const auto next = follow(current, location, 1, 5);
    return std::holds_alternative<failure>(next) && std::get<failure>(next).kind == error_kind::redirect;
}

TEST(redirect, a_location_is_resolved_against_the_current_url) {
    EXPECT_EQ(to("http://h/a/b?x=1", "c"), "http://h/a/c");
    EXPECT_EQ(to("http://h/a/b?x=1", "/c?y=2#part"), "http://h/c?y=2");
    EXPECT_EQ(to("http://h/a/b?x=1", "?y=2"), "http://h/a/b?y=2");
    EXPECT_EQ(to("https://h/a", "//other/b"), "https://other/b");
    EXPECT_EQ(to("http://h:8080/a", "http://h:8080/b c"), "http://h:8080/b%20c");
}

TEST(redirect, another_scheme_host_or_port_is_another_origin) {
    const auto same = [](std::string_view location) {
        return std::get<hop>(follow("http://host:80/a", location, 1, 5)).same_origin;
    };
    EXPECT_TRUE(same("/b"));
    EXPECT_TRUE(same("http://HOST/b"));
    EXPECT_FALSE(same("http://host:81/b"));
    EXPECT_FALSE(same("https://host:80/b"));
    EXPECT_FALSE(same("http://www.host/b"));
}

TEST(redirect, H10_only_http_and_https_are_followed) {
    for (const char* location : {"file:///etc/passwd", "ftp://h/x", "data:text/html,x", "gopher://h/",
                                 "javascript:alert(1)", "FILE:///x", "mailto:a@b"}) {
        EXPECT_TRUE(refused("http://h/", location)) << to("http://h/", location);
    }
}

TEST(redirect, H10_there_is_an_end_to_redirects) {
    EXPECT_TRUE(std::holds_alternative<hop>(follow("http://h/", "/a", 5, 5)));
    EXPECT_TRUE(std::holds_alternative<failure>(follow("http://h/", "/a", 6, 5)));
    EXPECT_TRUE(std::holds_alternative<failure>(follow("http://h/", "/a", 1, 0)));
}

TEST(redirect, https_never_becomes_http) {
    EXPECT_TRUE(refused("https://h/", "http://h/"));
    EXPECT_EQ(to("http://h/", "https://h/"), "https://h/");
}

TEST(redirect, H12_a_target_with_a_password_is_refused_and_not_shown) {
    EXPECT_TRUE(refused("http://h/", "http://user:secret@h/"));
    EXPECT_EQ(to("http://h/", "http://user:secret@h/").find("secret"), std::string::npos);
    EXPECT_TRUE(refused("http://h/", "http:// /"));
}

}  // namespace
}  // namespace penstock::fetch_stage
