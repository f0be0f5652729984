// What rotation does to real connections, and what the pool's limits do to real proxies.
#include <algorithm>
#include <atomic>
#include <thread>

#include "proxied_fetch.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using penstock::detail::read;
using rotation = proxy_options::rotation;

/// Fetches so many pages, never more at once than the queue holds.
void fetch_all(working_fetch& work, const http_server& server, std::size_t pages, std::size_t at_once) {
    for (std::size_t i = 0; i < pages; ++i) {
        if (i >= at_once) work.run.wait_for(i - at_once + 1);
        work.admit(server.url("/" + std::to_string(i)));
    }
    const auto back = work.run.wait_for(pages);
    ASSERT_EQ(back.size(), pages);
    for (auto* const item : back) ASSERT_TRUE(has_page(*item)) << item->why().reason;
}

TEST(rotation, keeps_connections_and_is_fair) {
    const std::size_t pages = std::getenv("PENSTOCK_TEST_LONG") != nullptr ? 20'000 : 2'000;
    constexpr std::size_t at_once = 50;
    for (const rotation how : {rotation::round_robin, rotation::least_used}) {
        for (const bool tunnel : {true, false}) {
            http_server server([](const http_request& asked) { return text(asked.target); });
            std::vector<std::unique_ptr<faulty_proxy>> proxies;
            std::vector<proxy> urls;
            for (int i = 0; i < 10; ++i) {
                urls.emplace_back(proxies.emplace_back(std::make_unique<faulty_proxy>())->url());
            }
            fetch_options options = through(urls);
            options.proxying.policy = how;
            options.proxying.tunnel = tunnel;
            options.connections_per_host = at_once;
            options.timeout = 30s;
            options.connect_timeout = 30s;
            working_fetch work(options, {.queue_size = at_once});
            fetch_all(work, server, pages, at_once);
            std::size_t connections = 0;
            for (std::size_t i = 0; i < 10; ++i) {
                connections += proxies[i]->connections();
                const auto share = static_cast<double>(read(figures_of(work, i).answers));
                EXPECT_NEAR(share, static_cast<double>(pages) / 10, static_cast<double>(pages) / 100) << i;
            }
            // No more at a proxy than were ever on their way through it.
            EXPECT_LE(connections, 10 * at_once);
        }
    }
}

TEST(rotation, sticks_to_a_proxy_for_a_host_or_a_key) {
    http_server server([](const http_request& asked) { return text(asked.target); });
    faulty_proxy one;
    faulty_proxy two;
    fetch_options options = through({one.url(), two.url()});
    options.proxying.policy = rotation::sticky;
    working_fetch work(options);
    for (int i = 0; i < 4; ++i) {
        for (const char* key : {"", "key"}) ASSERT_TRUE(has_page(work.get({.url = server.url("/"), .proxy_key = key})));
    }
    EXPECT_EQ(read(figures_of(work, 0).answers), 4U);
    EXPECT_EQ(read(figures_of(work, 1).answers), 4U);
    EXPECT_EQ(one.connections(), 1U);
    EXPECT_EQ(two.connections(), 1U);
}

TEST(rotation, sends_no_more_through_a_proxy_at_once_than_allowed) {
    http_server server([](const http_request&) { return http_response{.body = "x", .delay = 40ms}; });
    faulty_proxy one;
    faulty_proxy two;
    fetch_options options = through({one.url(), two.url()});
    options.proxying.connections_per_proxy = 2;
    options.connections_per_host = 50;
    working_fetch work(options);
    for (int i = 0; i < 40; ++i) work.admit(server.url("/"));
    const auto back = work.run.wait_for(40);
    ASSERT_EQ(back.size(), 40U);
    for (auto* const item : back) EXPECT_TRUE(has_page(*item)) << item->why().reason;
    EXPECT_EQ(server.peak_concurrent_requests(), 4U);
}

TEST(rotation, sends_no_more_through_a_proxy_in_a_second_than_allowed) {
    http_server server([](const http_request&) { return text("x"); });
    faulty_proxy one;
    fetch_options options = through({one.url()});
    options.proxying.rate_per_proxy = 50;
    working_fetch work(options);
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 11; ++i) work.admit(server.url("/"));
    ASSERT_EQ(work.run.wait_for(11).size(), 11U);
    EXPECT_GE(std::chrono::steady_clock::now() - began, 200ms);
}

TEST(rotation, an_item_whose_time_is_over_says_that_it_waited_for_its_proxy) {
    http_server server([](const http_request&) { return http_response{.body = "x", .delay = 10s}; });
    faulty_proxy one;
    fetch_options options = through({one.url()});
    options.proxying.connections_per_proxy = 1;
    working_fetch work(options, {.item_timeout = 300ms});
    // One after the other may get the room while its own time runs out, but not so many of them.
    for (int i = 0; i < 20; ++i) work.admit(server.url("/"));
    const auto back = work.run.wait_for(20);
    ASSERT_EQ(back.size(), 20U);
    EXPECT_TRUE(std::ranges::any_of(back, [&](const auto* item) {
        return contains(item->why().reason, "room at the proxy " + one.url());
    })) << back.back()->why().reason;
}

TEST(a_target_that_answers_429, slows_the_target_and_not_the_proxy) {
    std::atomic<int> asked{0};
    http_server busy([&](const http_request&) {
        if (asked++ != 0) return text("x");
        http_response answer = status(429);
        answer.headers.emplace_back("Retry-After", "2");
        return answer;
    });
    http_server other([](const http_request&) { return text("y"); });
    faulty_proxy one;
    fetch_options options = through({one.url()});
    options.max_backoff = 5s;
    working_fetch work(options);
    auto& slowed = work.admit(busy.url("/"));
    while (asked == 0) std::this_thread::yield();
    for (int i = 0; i < 10; ++i) work.admit(other.url("/"));
    // All of the other's come before the one that waits: the proxy was not told to.
    auto back = work.run.wait_for(11);
    ASSERT_EQ(back.size(), 11U);
    EXPECT_EQ(back.back(), &slowed);
    EXPECT_TRUE(has_page(slowed)) << slowed.why().reason;
    EXPECT_EQ(read(figures_of(work).faults), 0U);
    EXPECT_EQ(read(work.figures().pauses), 1U);
}

TEST(a_target_that_answers_429, has_no_rate_used_up_by_what_has_waited_for_its_proxy) {
    std::atomic<bool> both_there = false;
    std::atomic<int> asked = 0;
    http_server server([&](const http_request&) {
        while (!both_there) std::this_thread::yield();
        return asked++ == 0 ? status(429) : text("x");
    });
    faulty_proxy one;
    fetch_options options = through({one.url()});
    options.proxying.connections_per_proxy = 1;
    options.rate_per_host = 0.0001;  // What is used up does not come back.
    options.burst_per_host = 3;
    working_fetch work(options);
    auto& first = work.admit(server.url("/"));
    auto& second = work.admit(server.url("/"));
    work.admit("no URL");  // Fails when the two have had their turn.
    EXPECT_EQ(work.run.wait_for(1).size(), 1U);
    both_there = true;
    ASSERT_EQ(work.run.wait_for(3).size(), 3U);
    EXPECT_EQ(read(work.figures().pauses), 1U);
    EXPECT_TRUE(has_page(first)) << first.why().reason;
    EXPECT_TRUE(has_page(second)) << second.why().reason;
}

http_response come_back_in(const char* seconds) {
    http_response answer = status(429);
    answer.headers.emplace_back("Retry-After", seconds);
    return answer;
}

TEST(a_target_that_answers_429, is_left_alone_also_by_what_waits_for_its_proxy) {
    http_server busy([](const http_request&) { return come_back_in("30"); });
    faulty_proxy one;
    fetch_options options = through({one.url()});
    options.proxying.connections_per_proxy = 1;
    options.max_backoff = 60s;
    working_fetch work(options, {.item_timeout = 2s});
    for (int i = 0; i < 8; ++i) work.admit(busy.url("/"));
    const auto back = work.run.wait_for(8);
    ASSERT_EQ(back.size(), 8U);
    EXPECT_EQ(busy.requests(), 1U);
    for (auto* const item : back) EXPECT_EQ(item->why().kind, error_kind::rate_limited) << item->why().reason;
    EXPECT_TRUE(contains(back.back()->why().reason, "asks to wait")) << back.back()->why().reason;
}

TEST(a_target_that_answers_429, is_asked_again_in_order) {
    std::atomic<int> asked{0};
    http_server busy([&](const http_request&) { return asked++ == 0 ? come_back_in("1") : text("x"); });
    faulty_proxy one;
    fetch_options options = through({one.url()});
    options.proxying.connections_per_proxy = 1;
    options.connections_per_host = 4;
    options.max_backoff = 60s;
    working_fetch work(options);
    for (const char* path : {"/0", "/1", "/2", "/3", "/4", "/5"}) work.admit(busy.url(path));
    ASSERT_EQ(work.run.wait_for(6).size(), 6U);
    std::string order;
    for (const http_request& sent : busy.log()) {
        if (sent.target != "/0") order += sent.target;  // That one has a time of its own to wait for.
    }
    EXPECT_EQ(order, "/1/2/3/4/5");
}

TEST(a_target_that_answers_429, waits_no_longer_for_the_proxies_that_failed_before) {
    std::atomic<int> asked{0};
    http_server busy([&](const http_request&) { return asked++ == 0 ? status(429) : text("x"); });
    std::vector<proxy> proxies(10, proxy(faulty_proxy().url()));  // Dead.
    faulty_proxy good;
    proxies.emplace_back(good.url());
    fetch_options options = through(proxies);
    options.proxying.max_faults = 1000;
    options.backoff = 40ms;  // Of the eleventh attempt 40 s.
    options.max_backoff = 60s;
    working_fetch work(options);
    auto& item = work.get(busy.url("/"));
    ASSERT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_EQ(item.attempts, 12U);
}

/// True once so many requests are under way at a server at one time.
bool reaches(const http_server& server, std::size_t at_once) {
    const auto patience = std::chrono::steady_clock::now() + 10s;
    while (server.peak_concurrent_requests() < at_once && std::chrono::steady_clock::now() < patience) {
        std::this_thread::yield();
    }
    return server.peak_concurrent_requests() >= at_once;
}

TEST(an_origin, whose_name_the_proxies_resolve_has_all_its_connections_over_kept_ones) {
    // Where the target's name may be looked up here it is known to be good by its first answer, and where a proxy's is,
    // by the first connection to it.
    enum class looked_up { nothing, target, proxy };
    for (const looked_up here : {looked_up::nothing, looked_up::target, looked_up::proxy}) {
        http_server server([](const http_request& asked) {
            http_response answer = text("x");
            if (asked.target == "/slow") answer.delay = 60s;
            return answer;
        });
        const std::string named = "http://localhost:" + std::to_string(server.port());
        faulty_proxy one;
        faulty_proxy other;
        fetch_options options = through({one.url(), other.url(here == looked_up::target ? "socks5" : "socks5h")});
        if (here == looked_up::proxy) options.proxies = {"http://localhost:" + std::to_string(one.port())};
        options.proxying.policy = rotation::sticky;
        options.proxying.tunnel = false;
        options.timeout = 60s;
        working_fetch work(options);
        const auto ask = [&](const std::string& url) { return request{.url = url, .proxy_key = "one"}; };
        ASSERT_TRUE(has_page(work.get(ask(server.url("/")))));
        if (here == looked_up::target) (void)work.get(ask(named + "/"));
        ASSERT_EQ(one.connections(), 1U);
        for (int i = 0; i < 8; ++i) work.run.admit(*work.feed, ask(named + "/slow"));
        EXPECT_TRUE(reaches(server, 8)) << static_cast<int>(here) << ": " << server.peak_concurrent_requests();
        work.feed->abandon();
    }
}

TEST(a_locked_out_proxy, X7_returns_after_its_time_and_has_its_share) {
    http_server server([](const http_request&) { return text("x"); });
    faulty_proxy one(manner::refuses_login);
    faulty_proxy two;
    fetch_options options = through({one.url(), two.url()});
    options.proxying.max_faults = 1;
    options.proxying.lockouts.assign(100, 300ms);
    options.connections_per_host = 64;
    working_fetch work(options);
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(has_page(work.get(server.url("/"))));
    const std::size_t before = read(figures_of(work, 0).answers);
    EXPECT_EQ(before, 0U);
    EXPECT_GE(read(figures_of(work, 0).lockouts), 1U);
    one.behave(manner::good);
    const auto patience = std::chrono::steady_clock::now() + 20s;
    while (read(figures_of(work, 0).answers) == 0 && std::chrono::steady_clock::now() < patience) {
        ASSERT_TRUE(has_page(work.get(server.url("/"))));
    }
    const std::size_t first = read(figures_of(work, 0).answers);
    ASSERT_GE(first, 1U);
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(has_page(work.get(server.url("/"))));
    EXPECT_EQ(read(figures_of(work, 0).answers) - first, 10U);
}

}  // namespace
}  // namespace penstock::testing
