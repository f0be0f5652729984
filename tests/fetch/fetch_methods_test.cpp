// Requests that do more than ask for a page.
#include <map>

#include "outcome_of.hpp"

namespace penstock::testing {
namespace {

/// What has arrived for each id that was POSTed.
std::map<std::string, int> arrivals_of(const http_server& server, std::string_view method) {
    std::map<std::string, int> arrivals;
    for (const http_request& asked : server.log()) {
        if (asked.method == method) ++arrivals[asked.target + asked.body];
    }
    return arrivals;
}

TEST(fetch_methods, each_method_arrives_with_its_body_and_type) {
    http_server server([](const http_request& asked) { return text(asked.body); });
    working_fetch work;
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "GET"}) {
        auto& item = work.get({.url = server.url("/x"), .method = method, .body = json_body("{\"a\":1}")});
        ASSERT_TRUE(has_page(item)) << item.why().reason;
        EXPECT_EQ(page_of(item).body(), "{\"a\":1}");
        const http_request got = server.log().back();
        EXPECT_EQ(got.method, method);
        EXPECT_EQ(got.header("Content-Type"), "application/json");
        EXPECT_EQ(got.header("Expect"), std::nullopt);
    }
}

TEST(fetch_methods, an_empty_body_has_a_length_where_the_method_wants_one) {
    http_server server([](const http_request&) { return text("x"); });
    working_fetch work;
    for (const char* method : {"POST", "PUT", "PATCH"}) {
        ASSERT_TRUE(has_page(work.get({.url = server.url(), .method = method})));
        EXPECT_EQ(server.log().back().method, method);
        EXPECT_EQ(server.log().back().header("Content-Length"), "0");
        EXPECT_EQ(server.log().back().header("Content-Type"), std::nullopt);
    }
    ASSERT_TRUE(has_page(work.get({.url = server.url(), .method = "DELETE"})));
    EXPECT_EQ(server.log().back().method, "DELETE");
    EXPECT_EQ(server.log().back().header("Content-Length"), std::nullopt);
}

TEST(fetch_methods, HEAD_brings_a_page_without_a_body) {
    http_server server([](const http_request& asked) {
        http_response answer = text("");
        if (asked.method == "HEAD") answer.declared_length = 1'000'000;
        return answer;
    });
    working_fetch work;
    auto& item = work.get({.url = server.url(), .method = "HEAD"});
    ASSERT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_EQ(page_of(item).body(), "");
    EXPECT_EQ(page_of(item).header("Content-Length"), "1000000");
    EXPECT_TRUE(has_page(work.get(server.url())));
    EXPECT_EQ(server.log().back().method, "GET");
}

TEST(fetch_methods, a_get_after_a_post_is_one_again) {
    http_server server([](const http_request&) { return text("x"); });
    working_fetch work;
    ASSERT_TRUE(has_page(
        work.get({.url = server.url(), .method = "POST", .body = raw_body("abc"), .auth = basic_auth("u", "p")})));
    EXPECT_EQ(server.log().back().header("Authorization"), "Basic dTpw");
    ASSERT_TRUE(has_page(work.get(server.url())));
    const http_request got = server.log().back();
    EXPECT_EQ(got.method, "GET");
    EXPECT_EQ(got.body, "");
    for (const char* name : {"Authorization", "Content-Type", "Content-Length"}) {
        EXPECT_EQ(got.header(name), std::nullopt) << name;
    }
}

TEST(fetch_methods, H15_a_post_over_dying_connections_arrives_at_most_once_and_a_get_does_not_notice) {
    // A connection serves one request, then dies at its second: closed before it, or broken off over it.
    http_server server([](const http_request& asked) {
        if (asked.ordinal == 1) return text("x");
        http_response death;
        death.cut_head_after = 0;
        death.reset = asked.connection % 2 == 0;
        return death;
    });
    working_fetch work;
    constexpr int rounds = 100;
    int lost = 0;
    for (int id = 0; id < rounds; ++id) {
        auto& got = work.get(server.url("/get"));
        EXPECT_TRUE(has_page(got)) << id << got.why().reason;
        lost +=
            !has_page(work.get({.url = server.url("/post"), .method = "POST", .body = raw_body(std::to_string(id))}));
    }
    const auto arrivals = arrivals_of(server, "POST");
    EXPECT_EQ(arrivals.size(), rounds);
    for (const auto& [id, times] : arrivals) EXPECT_EQ(times, 1) << id;
    EXPECT_EQ(lost, 0);
}

TEST(fetch_methods, H15_a_post_that_was_read_and_not_answered_is_not_sent_again) {
    for (const bool reset : {false, true}) {
        http_response death;
        death.cut_head_after = 0;
        death.reset = reset;
        http_server server([&](const http_request& asked) { return asked.method == "GET" ? text("x") : death; });
        working_fetch work;
        EXPECT_TRUE(has_page(work.get(server.url())));
        auto& item = work.get({.url = server.url("/pay"), .method = "POST", .body = raw_body("1")});
        EXPECT_EQ(item.why().kind, error_kind::request) << item.why().reason;
        EXPECT_TRUE(contains(item.why().reason, "idempotency_key")) << item.why().reason;
        EXPECT_EQ(item.attempts, 1U);
        EXPECT_EQ(server.requests("/pay"), 1U);
    }
}

TEST(fetch_methods, H15_a_post_is_not_repeated_for_a_status_or_a_timeout) {
    using namespace std::chrono_literals;
    http_server server(
        [](const http_request& asked) { return asked.target == "/slow" ? http_response{.delay = 60s} : status(503); });
    fetch_options options = working_fetch::quick();
    options.timeout = 500ms;
    working_fetch work(options);
    for (const char* path : {"/slow", "/busy"}) {
        auto& item = work.get({.url = server.url(path), .method = "POST", .body = raw_body("1")});
        EXPECT_TRUE(item.has_failed());
        EXPECT_EQ(item.attempts, 1U) << path;
        EXPECT_EQ(server.requests(path), 1U) << path;
    }
}

TEST(fetch_methods, H15_a_key_declares_a_post_safe_to_repeat) {
    http_server server([](const http_request&) { return status(503); });
    working_fetch work;
    auto& item =
        work.get({.url = server.url("/pay"), .method = "POST", .body = raw_body("1"), .idempotency_key = "order-17"});
    EXPECT_EQ(item.attempts, 3U);
    EXPECT_EQ(server.requests("/pay"), 3U);
    for (const http_request& asked : server.log()) EXPECT_EQ(asked.header("Idempotency-Key"), "order-17");
}

TEST(fetch_methods, a_put_is_repeated_with_its_body) {
    http_server server([](const http_request& asked) { return asked.ordinal < 3 ? status(503) : text("x"); });
    working_fetch work;
    auto& item = work.get({.url = server.url("/x"), .method = "PUT", .body = raw_body("body")});
    EXPECT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_EQ(arrivals_of(server, "PUT").at("/xbody"), 3);
}

TEST(fetch_methods, a_post_is_tried_again_while_nothing_of_it_was_sent) {
    working_fetch work;
    auto& item = work.get({.url = "http://127.0.0.1:1/", .method = "POST", .body = raw_body("1")});
    EXPECT_EQ(item.why().kind, error_kind::request);
    EXPECT_EQ(item.attempts, 3U) << item.why().reason;
}

TEST(fetch_methods, a_large_body_arrives_whole) {
    http_server server([](const http_request& asked) { return text(std::to_string(asked.body.size())); });
    working_fetch work;
    auto& item = work.get({.url = server.url(), .method = "POST", .body = raw_body(std::string(3'000'000, 'x'))});
    ASSERT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_EQ(page_of(item).body(), "3000000");
}

}  // namespace
}  // namespace penstock::testing
