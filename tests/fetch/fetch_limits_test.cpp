#include <array>
#include <atomic>
#include <thread>

#include "penstock/blame.hpp"
#include "working_fetch.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using penstock::detail::read;

http_response busy(int code, std::string retry_after) {
    http_response answer = status(code);
    if (!retry_after.empty()) answer.headers.emplace_back("Retry-After", std::move(retry_after));
    return answer;
}

fetch_options waiting_up_to(std::chrono::milliseconds most) {
    fetch_options options = working_fetch::quick();
    options.max_backoff = most;
    return options;
}

TEST(fetch_limits, H16_a_wait_beyond_the_longest_is_rate_limited_at_once) {
    for (const char* later : {"31536000", "99999999999999", "Fri, 31 Dec 2099 23:59:59 GMT"}) {
        for (const int code : {429, 503}) {
            http_server server([&](const http_request&) { return busy(code, later); });
            working_fetch work(waiting_up_to(1s));
            auto& item = work.get(server.url());
            EXPECT_EQ(item.why().kind, error_kind::rate_limited) << later << item.why().reason;
            EXPECT_EQ(item.why().status, code);
            EXPECT_TRUE(is_blocked(item.why()));
            EXPECT_EQ(item.attempts, 1U);
            EXPECT_EQ(server.requests(), 1U) << later;
            EXPECT_TRUE(contains(item.why().reason, "longer than max_backoff")) << item.why().reason;
        }
    }
}

TEST(fetch_limits, H16_a_wait_that_says_nothing_is_the_usual_one) {
    for (const char* later : {"-5", "soon", "", "0", "Fri, 31 Dec 1999 23:59:59 GMT"}) {
        http_server server([&](const http_request&) { return busy(429, later); });
        working_fetch work(waiting_up_to(20ms));
        auto& item = work.get(server.url());
        EXPECT_EQ(item.why().kind, error_kind::bad_status) << later << item.why().reason;
        EXPECT_EQ(item.attempts, 3U) << later;
        EXPECT_EQ(server.requests(), 3U) << later;
    }
}

TEST(fetch_limits, H16_so_is_one_that_was_over_centuries_ago) {
    std::atomic<int> asked{0};
    http_server server(
        [&](const http_request&) { return asked++ == 0 ? busy(503, "Mon, 01 Jan 1601 00:00:00 GMT") : text("x"); });
    working_fetch work(waiting_up_to(20ms));
    auto& item = work.get(server.url());
    EXPECT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_EQ(server.requests(), 2U);
}

TEST(fetch_limits, H16_a_wait_of_a_second_is_obeyed) {
    std::atomic<int> asked{0};
    http_server server([&](const http_request&) { return asked++ == 0 ? busy(503, "1") : text("x"); });
    working_fetch work(waiting_up_to(2s));
    const auto began = std::chrono::steady_clock::now();
    auto& item = work.get(server.url());
    EXPECT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_GE(std::chrono::steady_clock::now() - began, 1s);
    EXPECT_EQ(server.requests(), 2U);
    EXPECT_EQ(read(work.figures().pauses), 1U);
}

TEST(fetch_limits, H16_a_wait_beyond_the_items_time_is_rate_limited_at_once) {
    http_server server([](const http_request&) { return busy(429, "10"); });
    working_fetch work(waiting_up_to(60s), {.item_timeout = 5s});
    const auto began = std::chrono::steady_clock::now();
    auto& item = work.get(server.url());
    EXPECT_EQ(item.why().kind, error_kind::rate_limited) << item.why().reason;
    EXPECT_TRUE(contains(item.why().reason, "than item_timeout leaves")) << item.why().reason;
    EXPECT_LT(std::chrono::steady_clock::now() - began, 4s);
}

TEST(fetch_limits, a_whole_origin_waits_when_it_asks_one_item_to) {
    http_server server([](const http_request&) { return busy(429, "30"); });
    fetch_options options = waiting_up_to(60s);
    options.connections_per_host = 1;
    working_fetch work(options, {.item_timeout = 1s});
    for (int i = 0; i < 20; ++i) work.admit(server.url());
    const auto back = work.run.wait_for(20);
    ASSERT_EQ(back.size(), 20U);
    for (auto* const item : back) EXPECT_EQ(item->why().kind, error_kind::rate_limited) << item->why().reason;
    EXPECT_TRUE(contains(back.back()->why().reason, "asks to wait")) << back.back()->why().reason;
    EXPECT_EQ(server.requests(), 1U);
    EXPECT_EQ(read(work.figures().beyond_share), 13U);  // Of 19, 6 are a tenth of the queue.
}

TEST(fetch_limits, what_is_beyond_the_share_may_die_at_once) {
    http_server server([](const http_request&) { return busy(429, "30"); });
    fetch_options options = waiting_up_to(60s);
    options.connections_per_host = 1;
    options.parked_share = 0.05;  // 3 of 64.
    options.when_parked = fetch_options::beyond_share::die;
    working_fetch work(options);
    for (int i = 0; i < 20; ++i) work.admit(server.url());
    auto back = work.run.wait_for(17);
    ASSERT_EQ(back.size(), 17U);
    for (auto* const item : back) EXPECT_EQ(item->why().kind, error_kind::rate_limited);
    EXPECT_TRUE(contains(back.back()->why().reason, "parked_share")) << back.back()->why().reason;
    EXPECT_EQ(server.requests(), 1U);
    EXPECT_EQ(read(work.figures().beyond_share), 16U);
    work.admit(server.url());
    EXPECT_EQ(work.run.wait_for(18).size(), 18U);
    EXPECT_EQ(read(work.figures().parked), 3U);
    EXPECT_EQ(server.requests(), 1U);
}

TEST(fetch_limits, what_waits_for_its_target_is_not_rate_limited_by_its_origin) {
    std::atomic<bool> held = false;
    http_server origin([&](const http_request&) {
        while (!held) std::this_thread::yield();
        return busy(429, "30");
    });
    http_server down([](const http_request&) { return status(500); });
    http_server other([](const http_request&) { return text("x"); });
    fetch_options options = waiting_up_to(60s);
    options.retries = 0;
    options.breaker = {.max_target_failures = 1,
                       .min_distinct_proxies = 1,
                       .open_for = 24h,
                       .items = breaker_options::when_open::hold};
    working_fetch work(options, {.item_timeout = 2s});
    (void)work.get({.url = down.url(), .target = "site"});
    work.admit(origin.url());
    auto& waits = work.run.admit(*work.feed, {.url = origin.url(), .target = "site"});
    work.admit(other.url());
    EXPECT_EQ(work.run.wait_for(2).size(), 2U);  // This one began behind the two.
    held = true;
    ASSERT_EQ(work.run.wait_for(4).size(), 4U);
    EXPECT_EQ(read(work.figures().pauses), 1U);
    EXPECT_EQ(waits.why().kind, error_kind::timeout) << waits.why().reason;
    EXPECT_TRUE(contains(waits.why().reason, "site is taken for dead")) << waits.why().reason;
}

TEST(fetch_limits, H17_one_of_ten_origins_answers_429_and_the_others_keep_their_rate) {
    constexpr std::size_t queue_size = 100;
    constexpr std::size_t pages = 2000;
    std::vector<std::unique_ptr<http_server>> servers;
    for (int i = 0; i < 10; ++i) {
        servers.push_back(std::make_unique<http_server>(
            [bad = i == 0](const http_request&) { return bad ? busy(429, "30") : text("x"); }));
    }
    fetch_options options = waiting_up_to(60s);
    options.when_parked = fetch_options::beyond_share::die;
    working_fetch work(options, {.queue_size = queue_size});
    // As an engine does: never more inside than the queue holds, each origin in turn. Counted, not timed: whatever the
    // bad origin's items held up would keep the last pages from being admitted.
    std::size_t admitted = 0;
    for (; admitted < pages; ++admitted) {
        const std::size_t settled = admitted < queue_size ? 0 : admitted - queue_size + 1;
        ASSERT_GE(work.run.wait_for(settled).size(), settled);
        work.admit(servers[admitted % 10]->url());
    }
    constexpr std::size_t parked = queue_size / 10;
    const auto back = work.run.wait_for(pages - parked);
    ASSERT_EQ(back.size(), pages - parked);
    std::size_t good = 0;
    for (auto* const item : back) good += has_page(*item);
    EXPECT_EQ(good, pages * 9 / 10);
    EXPECT_LE(servers[0]->requests(), options.connections_per_host);
    EXPECT_EQ(read(work.figures().parked), parked);
}

TEST(fetch_limits, the_retries_of_an_origin_are_a_share_of_its_load) {
    http_server server([](const http_request&) { return status(500); });
    fetch_options options = working_fetch::quick();
    options.retries = 5;
    options.backoff = options.max_backoff = 1ms;
    options.retry_budget = 0.1;
    working_fetch work(options);
    constexpr std::size_t items = 300;
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < items; ++i) work.admit(server.url());
    const auto back = work.run.wait_for(items);
    ASSERT_EQ(back.size(), items);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    const auto retries = static_cast<double>(read(work.figures().retries));
    EXPECT_GE(retries, 100);
    EXPECT_LE(retries, 100 + 0.1 * items + 10 * took.count());
    std::size_t told = 0;
    for (auto* const item : back) {
        EXPECT_EQ(item->why().kind, error_kind::bad_status);
        told += contains(item->why().reason, "retry_budget");
    }
    EXPECT_GE(told, 200U);
}

TEST(fetch_limits, a_rate_is_kept_with_true_clocks) {
    http_server server([](const http_request&) { return text("x"); });
    fetch_options options = working_fetch::quick();
    options.rate_per_host = 100;
    options.burst_per_host = 3;
    working_fetch work(options);
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 40; ++i) work.admit(server.url());
    ASSERT_EQ(work.run.wait_for(40).size(), 40U);
    EXPECT_GE(std::chrono::steady_clock::now() - began, 365ms);
    EXPECT_EQ(read(work.figures().pages), 40U);
}

TEST(fetch_limits, items_for_a_dead_target_use_up_no_rate) {
    http_server down([](const http_request&) { return status(500); });
    http_server other([](const http_request&) { return text("x"); });
    fetch_options options = working_fetch::quick();
    options.retries = 0;
    options.breaker = {.max_target_failures = 1, .min_distinct_proxies = 1, .open_for = 24h};
    options.rate_per_host = options.rate = 0.0001;  // What is used up does not come back.
    options.burst_per_host = options.burst = 2;
    working_fetch work(options);
    EXPECT_EQ(work.get(down.url()).why().status, 500);
    for (int i = 0; i < 20; ++i) {
        auto& item = work.get(down.url());
        ASSERT_TRUE(contains(item.why().reason, "taken for dead")) << item.why().reason;
    }
    auto& item = work.get(other.url());
    EXPECT_TRUE(has_page(item)) << item.why().reason;
}

TEST(fetch_limits, no_more_connections_than_allowed_in_all) {
    http_response late = text("x");
    late.delay = 5ms;
    http_server one([&](const http_request&) { return late; });
    http_server other([&](const http_request&) { return late; });
    fetch_options options = working_fetch::quick();
    options.connections = 1;
    working_fetch work(options);
    for (int i = 0; i < 10; ++i) work.admit((i % 2 == 0 ? one : other).url());
    EXPECT_EQ(work.run.wait_for(10).size(), 10U);
    EXPECT_EQ(one.peak_concurrent_requests() + other.peak_concurrent_requests(), 2U);
    EXPECT_LE(one.connections() + other.connections(), 10U);
}

}  // namespace
}  // namespace penstock::testing
