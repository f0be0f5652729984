#include <atomic>
#include <set>
#include <thread>

#include "working_fetch.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using penstock::detail::read;

TEST(fetch, a_page_holds_what_the_server_sent) {
    http_server server([](const http_request&) { return json("{\"a\":1}"); });
    working_fetch work;
    auto& item = work.get({.url = server.url("/x?y=1#part"), .tag = "mine"});
    ASSERT_TRUE(has_page(item)) << item.why().reason;
    const page& got = page_of(item);
    EXPECT_EQ(got.status(), 200);
    EXPECT_EQ(got.body(), "{\"a\":1}");
    EXPECT_EQ(got.tag(), "mine");
    EXPECT_EQ(got.url(), server.url("/x?y=1#part"));
    EXPECT_GE(got.bytes().capacity(), got.body().size() + padded_bytes::padding);
    EXPECT_TRUE(got.head().starts_with("HTTP/1.1 200 "));
    EXPECT_TRUE(got.head().ends_with("\r\n\r\n"));
    EXPECT_GT(got.took().count(), 0);
    EXPECT_EQ(item.attempts, 1U);
    EXPECT_EQ(server.log().at(0).target, "/x?y=1");
}

TEST(fetch, an_empty_body_is_padded_too) {
    http_server server([](const http_request&) { return status(204); });
    working_fetch work;
    auto& item = work.get(server.url());
    ASSERT_TRUE(has_page(item));
    EXPECT_EQ(page_of(item).body(), "");
    EXPECT_GE(page_of(item).bytes().capacity(), padded_bytes::padding);
}

TEST(fetch, targets_go_as_they_are_given) {
    http_server server([](const http_request& asked) { return text(asked.target); });
    working_fetch work;
    const std::string targets[] = {"/a",     "/b?q=1", "/c", "/d?q=%20%2F+x", "/e/../f/./g",
                                   "/h%2Fi", "/k%2fl", "/?", "/\xc3\xa9",     "/j?k?l"};
    for (const std::string& target : targets) {
        auto& item = work.get(server.url(target));
        ASSERT_TRUE(has_page(item)) << item.why().reason;
        if (target == "/?" || target == "/\xc3\xa9") continue;  // libcurl writes these its own way.
        EXPECT_EQ(page_of(item).body(), target);
    }
    auto& bare = work.get(server.url().substr(0, server.url().rfind('/')) + "?z=1");
    EXPECT_EQ(page_of(bare).body(), "/?z=1");
    EXPECT_EQ(server.connections(), 1U);
}

TEST(fetch, many_items_come_back_once_each_over_few_connections) {
    http_server server([](const http_request& asked) { return text(asked.target); });
    working_fetch work(working_fetch::quick(), {.queue_size = 300});
    for (int i = 0; i < 300; ++i) work.admit(server.url("/" + std::to_string(i)));
    const auto back = work.run.wait_for(300);
    ASSERT_EQ(back.size(), 300U);
    EXPECT_EQ(std::set(back.begin(), back.end()).size(), 300U);
    for (auto* item : back) {
        ASSERT_TRUE(has_page(*item)) << item->why().reason;
        EXPECT_EQ(page_of(*item).body(), "/" + std::to_string(item->ordinal));
    }
    EXPECT_LE(server.connections(), 8U);
    EXPECT_LE(server.peak_concurrent_requests(), 8U);
}

TEST(fetch, H21_an_origin_is_asked_no_more_at_once_than_allowed_and_in_order) {
    http_server server([](const http_request&) { return http_response{.delay = 2ms}; });
    fetch_options options = working_fetch::quick();
    options.connections_per_host = 1;
    working_fetch work(options);
    for (int i = 0; i < 20; ++i) work.admit(server.url("/" + std::to_string(i)));
    const auto back = work.run.wait_for(20);
    ASSERT_EQ(back.size(), 20U);
    for (std::size_t i = 0; i < back.size(); ++i) EXPECT_EQ(back[i]->ordinal, i);
    EXPECT_EQ(server.peak_concurrent_requests(), 1U);
}

TEST(fetch, one_slow_origin_does_not_hold_up_another) {
    http_server slow([](const http_request&) { return http_response{.delay = 60s}; });
    http_server quick([](const http_request&) { return text("x"); });
    working_fetch work;
    for (int i = 0; i < 30; ++i) work.admit(slow.url());
    for (int i = 0; i < 10; ++i) work.admit(quick.url());
    EXPECT_EQ(work.run.wait_for(10).size(), 10U);
}

TEST(fetch, it_sends_the_headers_of_options_and_request) {
    http_server server([](const http_request&) { return text("x"); });
    fetch_options options = working_fetch::quick();
    options.headers = {{"X-One", "1"}, {"X-Two", "2"}};
    working_fetch work(options);
    work.get({.url = server.url(), .headers = {{"x-two", "two"}, {"Cookie", "c=1"}}});
    work.get(server.url());
    const auto log = server.log();
    EXPECT_EQ(log.at(0).header("X-One"), "1");
    EXPECT_EQ(log.at(0).header("X-Two"), "two");
    EXPECT_EQ(log.at(0).header("Cookie"), "c=1");
    EXPECT_EQ(log.at(0).header("User-Agent"), "penstock/0.1");
    EXPECT_EQ(log.at(0).header("Accept-Encoding"), "gzip");
    EXPECT_EQ(log.at(1).header("X-Two"), "2");
    EXPECT_EQ(log.at(1).header("Cookie"), std::nullopt);
    EXPECT_EQ(server.connections(), 1U);
}

TEST(fetch, a_path_with_dots_is_sent_as_it_is_whatever_was_asked_before) {
    http_server server([](const http_request&) { return text("x"); });
    working_fetch work;
    for (const char* path : {"/a/../b", "/a/../b", "/a/./c?d", "/a/../%2F", "/a/../b"}) {
        auto& item = work.get(server.url(path));
        ASSERT_TRUE(has_page(item)) << item.why().reason;
        EXPECT_EQ(server.log().back().target, path);
    }
}

TEST(fetch, H12_a_header_whose_name_is_none_is_told_by_its_place) {
    working_fetch work;
    for (const char* name : {"Authorization: Bearer s3cret", "s3cret\n", "s3cret@example"}) {
        auto& item = work.get({.url = "http://127.0.0.1:1/", .headers = {{"Accept", "a"}, {name, "x"}}});
        EXPECT_EQ(item.why().kind, error_kind::request);
        EXPECT_TRUE(contains(item.why().reason, "the request's header 2 has a character")) << item.why().reason;
        EXPECT_FALSE(contains(item.why().reason, "s3cret")) << item.why().reason;
    }
    auto& named = work.get({.url = "http://127.0.0.1:1/", .headers = {{"X-Key", "a\n"}}});
    EXPECT_TRUE(contains(named.why().reason, "the request's header \"X-Key\" has a line break")) << named.why().reason;
}

TEST(fetch, H12_requests_that_cannot_be_sent_fail_before_a_byte_is) {
    http_server server([](const http_request&) { return text("x"); });
    working_fetch work;
    const std::string host = server.url().substr(7);
    const request bad[] = {{.url = ""},
                           {.url = "ftp://" + host},
                           {.url = "http://user:secret@" + host},
                           {.url = server.url("/a b")},
                           {.url = server.url("/a\r\nX: y")},
                           {.url = "http://[::xyz]/"},
                           {.url = server.url(), .headers = {{"X", "secret\r\nY: z"}}},
                           {.url = server.url(), .headers = {{"Host", "secret"}}}};
    for (const request& asked : bad) {
        auto& item = work.get(asked);
        ASSERT_TRUE(item.has_failed()) << asked.url;
        EXPECT_EQ(item.why().kind, error_kind::request) << asked.url;
        EXPECT_EQ(item.attempts, 0U);
        EXPECT_FALSE(contains(item.why().reason, "secret")) << item.why().reason;
        EXPECT_EQ(item.why().reason.find('\n'), std::string::npos);
    }
    EXPECT_EQ(server.connections(), 0U);
    EXPECT_TRUE(has_page(work.get(server.url())));
}

TEST(fetch, the_figures_say_what_happened) {
    std::atomic<int> asked{0};
    http_server server([&](const http_request& what) {
        if (what.target == "/moved") return redirect(302, "/page");
        return asked++ == 0 ? status(503) : text("12345");
    });
    working_fetch work;
    work.get(server.url("/moved"));
    work.get(server.url("/page"));
    auto& figures = work.figures();
    EXPECT_EQ(read(figures.attempts), 3U);
    EXPECT_EQ(read(figures.retries), 1U);
    EXPECT_EQ(read(figures.redirects), 2U);
    EXPECT_EQ(read(figures.pages), 2U);
    EXPECT_EQ(read(figures.body_bytes), 10U);
    EXPECT_EQ(read(figures.connections), 1U);
    EXPECT_EQ(read(figures.statuses[2]), 2U);
    EXPECT_EQ(read(figures.statuses[3]), 2U);
    EXPECT_EQ(read(figures.statuses[5]), 1U);
    EXPECT_GT(figures.latency_us.quantile(0.5), 0U);
}

TEST(fetch, a_second_run_begins_afresh) {
    http_server server([](const http_request&) { return text("x"); });
    auto feed = penstock::detail::make_fetch(working_fetch::quick());
    for (int i = 0; i < 3; ++i) {
        fake_run run;
        feed->open(run);
        run.admit(*feed, {.url = server.url()});
        ASSERT_EQ(run.wait_for(1).size(), 1U);
        feed->stop();
        feed->close();
        feed->abandon();  // Too late, which does no harm.
    }
    EXPECT_EQ(server.requests(), 3U);
}

TEST(fetch, X3_proxies_of_the_environment_are_ignored) {
    ::setenv("http_proxy", "http://127.0.0.1:1", 1);
    ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    http_server server([](const http_request&) { return text("x"); });
    {
        working_fetch work;
        EXPECT_TRUE(has_page(work.get(server.url())));
    }
    ::unsetenv("http_proxy");
    ::unsetenv("ALL_PROXY");
}

}  // namespace
}  // namespace penstock::testing
