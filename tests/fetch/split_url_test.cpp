#include "split_url.hpp"

#include <gtest/gtest.h>

#include <string>

#include "origin_reader.hpp"

namespace penstock::fetch_stage {
namespace {

std::string origin_of(std::string_view url) {
    std::string origin;
    write_origin(split(url), origin);
    return origin;
}

TEST(split_url, a_url_is_cut_into_host_port_path_and_query) {
    const split_url parts = split("https://Example.org:8443/a/b?x=1&y=2#part");
    EXPECT_EQ(parts.problem, "");
    EXPECT_TRUE(parts.tls);
    EXPECT_EQ(parts.host, "Example.org");
    EXPECT_EQ(parts.port, 8443U);
    EXPECT_EQ(parts.path, "/a/b");
    EXPECT_EQ(parts.query, "x=1&y=2");
}

TEST(split_url, a_url_without_path_may_have_a_query) {
    const split_url parts = split("http://h?x=1");
    EXPECT_EQ(parts.problem, "");
    EXPECT_EQ(parts.path, "");
    EXPECT_TRUE(parts.has_query);
    EXPECT_EQ(parts.query, "x=1");
}

TEST(split_url, an_origin_is_lower_case_and_without_its_usual_port) {
    EXPECT_EQ(origin_of("HTTP://Example.ORG:80/A"), "http://example.org");
    EXPECT_EQ(origin_of("https://example.org:443"), "https://example.org");
    EXPECT_EQ(origin_of("https://example.org:80/"), "https://example.org:80");
    EXPECT_EQ(origin_of("http://example.org:/"), "http://example.org");
    EXPECT_EQ(origin_of("http://[::1]:8080/x"), "http://[::1]:8080");
    EXPECT_EQ(origin_of("http://[::1]/x"), "http://[::1]");
}

TEST(split_url, what_cannot_be_fetched_has_a_problem) {
    for (const char* url : {"", "x", "/path", "ftp://h/", "file:///etc/passwd", "http:/h", "http://", "http:///path",
                            "http://h:0/", "http://h:65536/", "http://h:8o/", "http://a\\b/", "http://u@h/",
                            "http://u:p@h/", "http://h/a b", "http://h/\n", "http://h/\x7f", "javascript:alert(1)"}) {
        EXPECT_NE(split(url).problem, "") << url;
    }
    EXPECT_NE(split(std::string_view("http://h/\0", 10)).problem, "");
}

TEST(split_url, an_at_sign_behind_the_host_is_no_password) {
    EXPECT_EQ(split("http://h/@user").problem, "");
    EXPECT_EQ(split("http://h?mail=a@b").problem, "");
    EXPECT_EQ(show_url("http://h/@user"), "http://h/@user");
}

TEST(split_url, H12_a_password_is_never_shown) {
    for (const char* url :
         {"http://u:secret@h/", "https://u:sec/secret@h/", "http://u:secret?#secret@h", "u:secret@h",
          "ftp://u:secret@h/", "http://u:secret@[::1]/a@b", "http://a:secret@b c/", "u:secret@http://h@"}) {
        EXPECT_EQ(show_url(url).find("secret"), std::string::npos) << show_url(url);
    }
}

TEST(split_url, a_shown_url_is_one_short_line) {
    EXPECT_EQ(show_url("http://h/\r\nx"), "http://h/??x");
    EXPECT_LT(show_url("http://h/" + std::string(10'000, 'x')).size(), 400U);
    EXPECT_LT(show_url(std::string(10'000, 'x') + "://h@").size(), 400U);
}

TEST(split_url, addresses_need_no_name_server) {
    EXPECT_TRUE(is_numeric_host("127.0.0.1"));
    EXPECT_TRUE(is_numeric_host("[::1]"));
    EXPECT_FALSE(is_numeric_host("localhost"));
    EXPECT_FALSE(is_numeric_host("1.example"));
}

TEST(origin_reader, it_reads_what_split_reads_whatever_was_read_before) {
    const std::string urls[] = {"http://h",    "http://h/",          "http://h/a?b#c",        "http://h/a b",
                                "http://h?q",  "http://h#f?g/h",     "http://h/#f\r",         "http://h:80/x",
                                "http://H/x",  "http://h.example/x", "http://h@other/x",      "http://h\\x",
                                "http://h/@?", "https://h/x",        "https://[::1]:444/x?y", "",
                                "ftp://h/"};
    origin_reader reader;
    for (const std::string& before : urls) {
        for (const std::string& url : urls) {
            (void)reader.read(before);
            const split_url got = reader.read(url);
            const split_url expected = split(url);
            ASSERT_EQ(got.problem, expected.problem) << before << ' ' << url;
            if (!expected.problem.empty()) continue;
            std::string origin;
            write_origin(expected, origin);
            EXPECT_EQ(reader.origin(), origin) << before << ' ' << url;
            EXPECT_EQ(got.host.data(), expected.host.data()) << before << ' ' << url;
            EXPECT_EQ(got.host, expected.host) << before << ' ' << url;
            EXPECT_EQ(got.path.data(), expected.path.data()) << before << ' ' << url;
            EXPECT_EQ(got.path, expected.path) << before << ' ' << url;
            EXPECT_EQ(got.has_query, expected.has_query) << before << ' ' << url;
            EXPECT_EQ(got.query, expected.query) << before << ' ' << url;
            EXPECT_EQ(got.port, expected.port) << before << ' ' << url;
            EXPECT_EQ(got.tls, expected.tls) << before << ' ' << url;
        }
    }
}

}  // namespace
}  // namespace penstock::fetch_stage
