#include <algorithm>
#include <atomic>
#include <thread>

#include "working_fetch.hpp"

// The bound on bytes in flight, with real transfers and a reader of their pages that takes its time.
namespace penstock::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t body_size = 200'000;

struct slow_reading {
    http_response answer{.body = std::string(body_size, 'b')};
    std::size_t items = 20;
    std::size_t most = 300'000;
    std::chrono::milliseconds each = 100ms;   ///< What the reader takes for a page.
    std::chrono::milliseconds time = 1200ms;  ///< What each attempt and each item has; the clock stops for the reader.
};

/// Has pages fetched and reads them one by one. Where the reader is what takes long, each attempt and each item has
/// less time than all of them take.
class read_slowly {
public:
    explicit read_slowly(const slow_reading& what)
        : server([answer = what.answer](const http_request&) { return answer; }),
          work(options(what.time), {.item_timeout = what.time, .max_bytes_in_flight = what.most}) {
        for (std::size_t i = 0; i < what.items; ++i) work.admit(server.url());
        for (std::size_t i = 0; i < what.items && !::testing::Test::HasFailure(); ++i) read(i, what.each);
        EXPECT_EQ(account().in_flight(), 0U);
        peak = account().peak();
        EXPECT_LE(peak, what.most + body);
        EXPECT_EQ(penstock::detail::read(work.figures().retries), 0U);
    }
    penstock::detail::byte_account& account() { return work.run.metrics().bodies; }

    http_server server;
    working_fetch work;
    std::uint64_t peak = 0;
    std::size_t body = 0;

private:
    void read(std::size_t which, std::chrono::milliseconds time) {
        const auto back = work.run.wait_for(which + 1);
        ASSERT_GT(back.size(), which) << "it came to a halt";
        auto& item = *back[which];
        ASSERT_TRUE(has_page(item)) << item.why().reason;
        body = std::max(body, page_of(item).body().size());
        std::this_thread::sleep_for(time);  // The reader is at work.
        item.drop_value();
    }
    static fetch_options options(std::chrono::milliseconds time) {
        fetch_options how = working_fetch::quick();
        how.timeout = time;
        how.max_body = 1'000'000;
        how.connections_per_host = 100;
        return how;
    }
};

TEST(fetch_bytes, half_done_bodies_all_arrive_and_none_is_late) {
    const read_slowly course({.items = 8, .each = 200ms});
    EXPECT_GT(course.peak, body_size) << "there was never more than one";
}

TEST(fetch_bytes, bodies_that_come_bit_by_bit_do_not_wait_for_each_other_for_ever) {
    const read_slowly course(
        {.answer = {.body = std::string(60'000, 'b'), .trickle_bytes = 20'000, .trickle_every = 2ms},
         .items = 30,
         .most = 100'000,
         .each = 1ms,
         .time = 20s});  // It is the server that takes long.
}

TEST(fetch_bytes, bodies_of_unknown_length_are_bounded_too) {
    const read_slowly course(
        {.answer = {.body = std::string(50'000, 'b'), .body_repeat = 4, .framing = http_framing::chunked}});
}

TEST(fetch_bytes, compressed_bodies_are_counted_as_they_are_decoded) {
    const read_slowly course(
        {.answer = {.headers = {{"Content-Encoding", "gzip"}}, .body = gzip_bomb()}, .most = 150'000});
    EXPECT_EQ(course.body, 100'000U);
}

TEST(fetch_bytes, one_body_at_a_time_gets_through_where_none_fits) {
    const read_slowly course({.items = 10, .most = 1, .each = 200ms});
    EXPECT_EQ(course.peak, body_size);
}

/// Fetches with so little room that most transfers are held up, and nobody reads.
class held_up {
public:
    explicit held_up(http_response answer = {.body = std::string(body_size, 'b')})
        : server([answer](const http_request&) { return answer; }),
          work(options(), {.max_bytes_in_flight = 2 * body_size}) {
        for (int i = 0; i < 20; ++i) work.admit(server.url());
        // A body is held up at the very end where there is room for no more than a part of it.
        EXPECT_GE(work.run.wait_for(2).size(), 2U);
    }
    http_server server;
    working_fetch work;

private:
    static fetch_options options() {
        fetch_options how = working_fetch::quick();
        how.connections_per_host = 20;
        return how;
    }
};

TEST(fetch_bytes, O3_an_abandon_returns_what_is_held_up) {
    held_up course;
    course.work.feed->abandon();
    EXPECT_EQ(course.work.run.wait_for(20).size(), 20U);
}

TEST(fetch_bytes, O3_after_a_stop_what_is_held_up_goes_on_as_there_is_room) {
    held_up course;
    course.work.feed->stop();
    std::size_t read = 0;
    for (; read < 20; ++read) {
        const auto back = course.work.run.wait_for(read + 1);
        ASSERT_GT(back.size(), read);
        EXPECT_FALSE(back[read]->has_failed());
        back[read]->drop_value();
    }
    EXPECT_EQ(course.work.run.metrics().bodies.in_flight(), 0U);
}

TEST(fetch_bytes, a_close_in_the_midst_of_it_leaves_nothing_charged) {
    held_up course;
    course.work.feed->close();
    for (auto* const item : course.work.run.wait_for(1)) item->drop_value();
    EXPECT_EQ(course.work.run.metrics().bodies.in_flight(), 0U);
}

TEST(fetch_bytes, room_that_a_slow_server_takes_up_is_awaited_within_the_items_time) {
    http_server server([](const http_request&) { return http_response{.delay = 60s}; });
    working_fetch work(working_fetch::quick(), {.item_timeout = 1s, .max_bytes_in_flight = 1});
    work.admit(server.url());
    auto& waiting = work.admit(server.url());
    ASSERT_EQ(work.run.wait_for(2).size(), 2U);
    // It may just have got its turn when the other's time was over.
    EXPECT_TRUE(contains(waiting.why().reason, "item_timeout of 1 s used up while waiting for room in max_bytes")
                || contains(waiting.why().reason, "item_timeout of 1 s used up in attempt 1"))
        << waiting.why().reason;
}

TEST(fetch_bytes, H3_a_body_that_was_cut_while_it_was_held_up_is_no_page) {
    std::atomic<int> asked{0};
    http_server server([&](const http_request&) {
        http_response answer{.body = std::string(body_size, 'b')};
        if (++asked > 1) answer.cut_body_after = body_size / 2;
        return answer;
    });
    fetch_options options = working_fetch::quick();
    options.retries = 0;
    working_fetch work(options, {.max_bytes_in_flight = body_size + 1000});
    auto& first = work.get(server.url());
    ASSERT_TRUE(has_page(first));
    auto& second = work.admit(server.url());
    while (server.requests() < 2) std::this_thread::yield();
    first.drop_value();
    ASSERT_EQ(work.run.wait_for(2).size(), 2U);
    EXPECT_EQ(second.why().kind, error_kind::truncated) << second.why().reason;
    EXPECT_EQ(work.run.metrics().bodies.in_flight(), 0U);
}

TEST(fetch_bytes, H3_what_is_held_up_goes_on_when_all_before_it_fail) {
    http_server server([](const http_request& asked) {
        if (asked.target == "/small") return text("x");
        return http_response{.body = std::string(40'000, 'b'), .delay = 20ms, .cut_body_after = 10'000};
    });
    fetch_options options = working_fetch::quick();
    options.retries = 0;
    options.connect_timeout = 60s;  // No clock of libcurl's is to wake anybody.
    working_fetch work(options, {.max_bytes_in_flight = 10'500});
    // After many small bodies small ones are expected, so that several begin at once.
    for (int i = 0; i < 60; ++i) work.get(server.url("/small")).drop_value();
    for (int i = 0; i < 6; ++i) work.admit(server.url("/cut"));
    const auto all = work.run.wait_for(66);
    ASSERT_EQ(all.size(), 66U);
    for (std::size_t i = 60; i < 66; ++i) EXPECT_EQ(all[i]->why().kind, error_kind::truncated) << all[i]->why().reason;
    EXPECT_LE(work.run.metrics().bodies.peak(), 10'500U + 10'000U);
}

TEST(fetch_bytes, H7_a_body_that_proves_too_large_after_it_was_held_up_is_one_dead_letter) {
    http_server server([](const http_request& asked) {
        if (asked.target == "/small") return text("x");
        return http_response{.headers = {{"Content-Encoding", "gzip"}}, .body = gzip_bomb(), .delay = 20ms};
    });
    fetch_options options = working_fetch::quick();
    options.max_body = 50'000;
    working_fetch work(options, {.max_bytes_in_flight = 20'000});
    for (int i = 0; i < 60; ++i) work.get(server.url("/small")).drop_value();
    for (int i = 0; i < 6; ++i) work.admit(server.url("/bomb"));
    const auto all = work.run.wait_for(66);
    ASSERT_EQ(all.size(), 66U);
    for (std::size_t i = 60; i < 66; ++i) {
        EXPECT_EQ(all[i]->why().kind, error_kind::too_large) << all[i]->why().reason;
        EXPECT_EQ(all[i]->attempts, 1U);
    }
    EXPECT_LE(work.run.metrics().bodies.peak(), 20'000U + 50'000U);
    EXPECT_EQ(work.run.metrics().bodies.in_flight(), 0U);
}

}  // namespace
}  // namespace penstock::testing
