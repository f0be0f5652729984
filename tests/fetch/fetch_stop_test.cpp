#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/patience.hpp"
#include "working_fetch.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using penstock::detail::read;

bool came_back_empty(penstock::detail::slot* item) { return !item->has_failed() && !item->holds_value(); }

/// True as soon as something is; false after 20 s.
template <class Something>
bool becomes_true(Something&& something) {
    for (const auto end = clock::now() + 20s; !something(); std::this_thread::yield()) {
        if (clock::now() > end) return false;
    }
    return true;
}

/// Waits until the server has received so many requests.
bool received(const http_server& server, std::size_t count) {
    return becomes_true([&] { return server.requests() >= count; });
}

fetch_options sleepy() {
    fetch_options options = working_fetch::quick();
    options.backoff = options.max_backoff = 60s;
    return options;
}

TEST(fetch_stop, O3_a_stop_returns_what_waits_and_lets_transfers_end) {
    std::atomic<bool> answers{false};
    http_server server([&](const http_request&) {
        EXPECT_TRUE(becomes_true([&] { return answers.load(); }));  // Meanwhile nobody gets an answer.
        return text("x");
    });
    working_fetch work;
    for (int i = 0; i < 20; ++i) work.admit(server.url());
    EXPECT_TRUE(becomes_true([&] { return read(work.figures().attempts) == 8; }));
    const auto began = clock::now();
    work.feed->stop();
    const auto first = work.run.wait_for(12);
    EXPECT_LT(clock::now() - began, promptly);
    answers = true;
    ASSERT_EQ(first.size(), 12U);
    EXPECT_EQ(std::count_if(first.begin(), first.end(), came_back_empty), 12);
    const auto all = work.run.wait_for(20);
    ASSERT_EQ(all.size(), 20U);
    for (std::size_t i = 12; i < 20; ++i) EXPECT_TRUE(has_page(*all[i]));
    auto& late = work.admit(server.url());
    ASSERT_EQ(work.run.wait_for(21).size(), 21U);
    EXPECT_TRUE(came_back_empty(&late));
    EXPECT_EQ(late.attempts, 0U);
}

TEST(fetch_stop, O3_a_stop_ends_the_sleep_before_a_retry) {
    http_server server([](const http_request&) { return status(500); });
    working_fetch work(sleepy(), {.item_timeout = 300s});
    auto& item = work.admit(server.url());
    ASSERT_TRUE(received(server, 1));
    const auto began = clock::now();
    work.feed->stop();
    ASSERT_EQ(work.run.wait_for(1).size(), 1U);
    EXPECT_LT(clock::now() - began, promptly);
    EXPECT_TRUE(came_back_empty(&item));
    EXPECT_EQ(item.attempts, 1U);
}

TEST(fetch_stop, O3_an_abandon_returns_everything) {
    http_server server([](const http_request&) { return http_response{.delay = 60s}; });
    working_fetch work;
    for (int i = 0; i < 20; ++i) work.admit(server.url());
    ASSERT_TRUE(received(server, 8));
    const auto began = clock::now();
    work.feed->abandon();
    const auto all = work.run.wait_for(20);
    EXPECT_LT(clock::now() - began, promptly);
    EXPECT_EQ(std::count_if(all.begin(), all.end(), came_back_empty), 20);
}

TEST(fetch_stop, a_close_leaves_what_is_inside_and_ends_at_once) {
    http_server server([](const http_request&) { return http_response{.delay = 60s}; });
    clock::time_point began;
    {
        working_fetch work;
        for (int i = 0; i < 20; ++i) work.admit(server.url());
        ASSERT_TRUE(received(server, 8));
        began = clock::now();
        work.feed->close();
        EXPECT_EQ(work.run.back(), 0U);
    }
    EXPECT_LT(clock::now() - began, promptly);
}

TEST(fetch_deadline, it_runs_while_an_item_waits_for_its_turn) {
    http_server server([](const http_request&) { return http_response{.delay = 60s}; });
    fetch_options options = working_fetch::quick();
    options.connections_per_host = 1;
    working_fetch work(options, {.item_timeout = 1s});
    auto& sent = work.run.make({.url = server.url()});
    auto& waiting = work.run.make({.url = server.url()});
    waiting.admitted = sent.admitted;  // So that its time is over before it gets the other's turn.
    work.feed->submit(sent);
    work.feed->submit(waiting);
    ASSERT_EQ(work.run.wait_for(2).size(), 2U);
    EXPECT_EQ(sent.why().kind, error_kind::timeout);
    EXPECT_TRUE(contains(sent.why().reason, "item_timeout of 1 s used up in attempt 1 while waiting for the answer"))
        << sent.why().reason;
    EXPECT_EQ(sent.attempts, 1U);
    EXPECT_EQ(waiting.why().kind, error_kind::timeout);
    EXPECT_TRUE(contains(waiting.why().reason, "while waiting for its turn at http://127.0.0.1"))
        << waiting.why().reason;
    EXPECT_EQ(waiting.attempts, 0U);
    EXPECT_EQ(server.requests(), 1U);
}

TEST(fetch_deadline, G7_a_retry_that_would_come_too_late_is_not_awaited) {
    http_server server([](const http_request&) { return status(503); });
    working_fetch work(sleepy(), {.item_timeout = 10s});
    const auto began = clock::now();
    auto& item = work.get(server.url());
    EXPECT_LT(clock::now() - began, 5s);
    EXPECT_EQ(item.why().kind, error_kind::timeout);
    EXPECT_TRUE(contains(item.why().reason, "item_timeout of 10 s leaves no time for a retry (attempt 1: 503 from"))
        << item.why().reason;
    EXPECT_EQ(item.attempts, 1U);
}

TEST(fetch_deadline, it_runs_while_a_retry_waits_for_its_turn) {
    std::atomic<bool> both_came{false};
    http_server server([&](const http_request& asked) {
        if (asked.target != "/first") return http_response{.delay = 60s};
        EXPECT_TRUE(becomes_true([&] { return both_came.load(); }));
        return status(503);
    });
    fetch_options options = working_fetch::quick();
    options.connections_per_host = 1;
    working_fetch work(options, {.item_timeout = 1s});
    auto& first = work.admit(server.url("/first"));
    work.admit(server.url("/second"));
    both_came = true;
    ASSERT_EQ(work.run.wait_for(2).size(), 2U);
    EXPECT_TRUE(contains(first.why().reason, "while waiting for a retry (attempt 1: 503 from")) << first.why().reason;
}

TEST(fetch_stop, many_threads_may_ask_it_to_stop) {
    http_server server([](const http_request&) { return text("x"); });
    working_fetch work;
    std::thread stopper([&] { work.feed->stop(); });
    std::thread other([&] { work.feed->abandon(); });
    for (int i = 0; i < 200; ++i) work.admit(server.url());
    stopper.join();
    other.join();
    EXPECT_EQ(work.run.wait_for(200).size(), 200U);
}

}  // namespace
}  // namespace penstock::testing
