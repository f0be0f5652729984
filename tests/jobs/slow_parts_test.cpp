// One part is slow or hangs: the others wait, and nobody else is blamed.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <thread>

#include "busy_database.hpp"
#include "full_listener.hpp"
#include "job_fixture.hpp"
#include "penstock/sources/generate.hpp"
#include "penstock/testing/script.hpp"
#include "tests/patience.hpp"
#include "tests/sanitizer.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;
using ps::testing::http_request;
using ps::testing::http_response;
using ps::testing::promptly;
using ps::testing::record;
using ps::testing::settled_run;
using clock_type = std::chrono::steady_clock;

namespace {

std::vector<std::string> urls(const ps::testing::http_server& server, int count) {
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i) all.push_back(server.url("/" + std::to_string(i)));
    return all;
}

/// The highest resident memory since the last call, in bytes.
std::size_t peak_memory() {
    std::ifstream status("/proc/self/status");
    std::size_t peak = 0;
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) peak = std::stoul(line.substr(6)) * 1024;
    }
    std::ofstream("/proc/self/clear_refs") << "5";
    return peak;
}

class slow_parts : public ps::testing::job_fixture {
protected:
    auto read_ids() {
        return ps::parallel("read", [](const ps::page& page) {
            return record{ps::testing::number_in(page.url()), "x"};
        });
    }
};

TEST_F(slow_parts, J8_a_slow_parser_holds_fetch_back_and_memory_flat) {
    constexpr std::size_t body = 256 << 10;
    constexpr std::size_t queue = 16;
    constexpr int pages = 400;
    ps::testing::http_server server([](const http_request&) { return ps::testing::text(std::string(body, 'x')); });
    std::atomic<std::size_t> parsed{0};
    std::size_t most_ahead = 0;
    auto job = ps::from(urls(server, pages)) | ps::fetch()
               | ps::serial("slow",
                            [&](const ps::page& page) {
                                const auto until = clock_type::now() + 2ms;
                                while (clock_type::now() < until) std::this_thread::yield();
                                most_ahead = std::max(most_ahead, server.requests() - parsed++);
                                return page.body().size();
                            })
               | ps::serial("none", [&](std::size_t size) { EXPECT_EQ(size, std::size_t{body}); });
    (void)peak_memory();
    const std::size_t before = peak_memory();
    EXPECT_TRUE(settled_run(job, {.queue_size = queue}).clean());
    // What is in flight, a body on the server's side and on the wire, and the heap's own waste.
    const std::size_t most = before + 2 * queue * body + (std::size_t{16} << 20);
    EXPECT_TRUE(ps::testing::is_sanitized || peak_memory() < most);
    EXPECT_LE(most_ahead, queue);
    EXPECT_EQ(parsed, static_cast<std::size_t>(pages));
}

TEST_F(slow_parts, G6_a_blocked_database_expires_no_item_and_stops_admission) {
    ps::testing::http_server server([](const http_request&) { return ps::testing::text("1"); });
    ps::testing::busy_database busy(folder_ / "jobs.db");
    ps::metrics figures;
    ps::testing::script<std::string> say;
    constexpr auto item_timeout = 500ms;
    auto job = say.block().give_all(urls(server, 300)).source() | ps::fetch({.retries = 0}) | read_ids()
               | ps::store(target(), records(), {.create_table = true, .max_age = 10ms, .busy_timeout = 60s});
    std::jthread releaser([&] {
        ASSERT_TRUE(say.wait_until_blocked());
        busy.lock();
        say.release();
        while (figures.snapshot().in_flight() != 50) std::this_thread::yield();
        // Three times item_timeout with everything in flight at the database's door.
        std::this_thread::sleep_for(3 * item_timeout);
        EXPECT_EQ(figures.snapshot().taken, 50U);
        busy.unlock();
    });
    const ps::report done = settled_run(job, {.queue_size = 50, .item_timeout = item_timeout, .metrics = &figures});
    releaser.join();
    EXPECT_TRUE(done.clean()) << done;
    EXPECT_EQ(rows_seen(), 300);
}

TEST_F(slow_parts, G7_no_attempt_begins_after_the_items_deadline) {
    std::atomic<clock_type::rep> last{0};
    ps::testing::http_server server([&](const http_request&) {
        last = clock_type::now().time_since_epoch().count();
        return ps::testing::status(503);
    });
    clock_type::time_point admitted;
    auto job = ps::generate([&, given = false]() mutable -> std::optional<std::string> {
                   if (given) return std::nullopt;
                   given = true;
                   admitted = clock_type::now();
                   return server.url("/0");
               })
               | ps::fetch({.retries = 100, .backoff = 400ms, .max_backoff = 800ms}) | read_ids()
               | ps::serial("none", [](const record&) {});
    const ps::report done = settled_run(job, {.item_timeout = 2s, .dead_letters = letters()});
    EXPECT_EQ(done.count(ps::outcome::dead), 1U);
    EXPECT_EQ(letters_.begin()->second.kind, ps::error_kind::timeout);
    EXPECT_GE(server.requests(), 3U);
    // On its way to the server it may still wait for its turn at a core.
    EXPECT_LE(clock_type::time_point(clock_type::duration(last)) - admitted, 2s + 300ms);
    EXPECT_LT(clock_type::now() - admitted, 2s + promptly);
}

/// Runs a job until `there` and then cuts it: with a stop, or with an abandon. Expects that the run ends in time.
template <class There>
ps::report cut(ps::pipeline&& job, bool abandon, There there) {
    std::stop_source source;
    clock_type::time_point asked{};
    ps::metrics figures;
    std::jthread cutter([&] {
        const auto give_up = clock_type::now() + 10s;
        while (!there(figures.snapshot()) && clock_type::now() < give_up) std::this_thread::yield();
        EXPECT_LT(clock_type::now(), give_up) << "the state to be cut in did not come";
        asked = clock_type::now();
        source.request_stop();
    });
    const std::stop_token token = source.get_token();
    const ps::report done = settled_run(job, {.drain_timeout = 200ms,
                                              .stop = abandon ? std::stop_token() : token,
                                              .abandon = abandon ? token : std::stop_token(),
                                              .metrics = &figures});
    cutter.join();
    EXPECT_LT(clock_type::now() - asked, promptly);
    EXPECT_EQ(done.reason, ps::end_reason::stopped) << done;
    return done;
}

TEST_F(slow_parts, O3_a_run_that_is_connecting_ends_at_once) {
    const ps::testing::full_listener nobody_accepts;
    for (const bool abandon : {false, true}) {
        const ps::report done =
            cut(ps::from({nobody_accepts.url()}) | ps::fetch() | read_ids() | ps::serial("none", [](const record&) {}),
                abandon, [](const ps::metrics_snapshot& now) { return now.fetch.attempts == 1; });
        EXPECT_EQ(done.count(ps::outcome::abandoned), 1U) << done;
    }
}

TEST_F(slow_parts, O3_a_run_whose_database_is_locked_ends_at_once) {
    ps::testing::http_server server([](const http_request&) { return ps::testing::text("1"); });
    for (const bool abandon : {false, true}) {
        ps::testing::busy_database busy(folder_ / "jobs.db");
        ps::testing::script<std::string> say;
        bool locked = false;
        auto job = say.block().give_all(urls(server, 20)).source() | ps::fetch() | read_ids()
                   | ps::store(target(), records(), {.create_table = true, .max_age = 1ms, .busy_timeout = 60s});
        const ps::report done = cut(std::move(job), abandon, [&](const ps::metrics_snapshot& now) {
            if (!locked && say.wait_until_blocked()) {
                busy.lock();
                locked = true;
                say.release();
            }
            return now.fetch.pages == 20 && now.stages.back().passed == 20;
        });
        EXPECT_EQ(done.count(ps::outcome::abandoned), 20U) << done;
        busy.unlock();
    }
    EXPECT_EQ(rows_seen(), 0);
}

TEST_F(slow_parts, O3_a_run_that_waits_for_a_lock_before_it_begins_ends_at_once) {
    settled_run(ps::from(std::vector<record>{}) | ps::store(target(), records(), {.create_table = true}));
    ps::testing::busy_database busy(folder_ / "jobs.db");
    busy.lock();
    for (const bool abandon : {false, true}) {
        ps::testing::script<record> say;
        std::stop_source source;
        auto job = say.give({1, "x"}).source() | ps::store(target(), records(), {.busy_timeout = 60s});
        clock_type::time_point asked;
        // By now it waits, or it will find the token used: either way it may not wait for long.
        std::jthread stopper([&] {
            std::this_thread::sleep_for(50ms);
            asked = clock_type::now();
            source.request_stop();
        });
        const ps::report done = settled_run(job, {.stop = abandon ? std::stop_token() : source.get_token(),
                                                  .abandon = abandon ? source.get_token() : std::stop_token()});
        stopper.join();
        EXPECT_LT(clock_type::now() - asked, promptly);
        EXPECT_EQ(done.reason, ps::end_reason::stopped);
        EXPECT_NE(done.detail.find("keeps it locked"), std::string::npos) << done.detail;
        EXPECT_EQ(say.asked(), 0U);
    }
}

TEST_F(slow_parts, O2_a_sigterm_flushes_the_open_batch_and_admits_no_more) {
    // As a host does it: the signal is blocked everywhere and one thread waits for it.
    sigset_t term, before;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &term, &before), 0);
    std::stop_source stop;
    std::jthread listener([&] {
        int received = 0;
        EXPECT_EQ(sigwait(&term, &received), 0);
        stop.request_stop();
    });
    ps::testing::http_server server([](const http_request&) { return ps::testing::text("1"); });
    ps::testing::script<std::string> say;
    std::uint64_t given_before = 0;
    clock_type::time_point asked;
    std::atomic<int> read{0};
    auto job = say.give_all(urls(server, 7)).block().give_all(urls(server, 7)).source() | ps::fetch()
               | ps::parallel("count",
                              [&](ps::page page) {
                                  ++read;
                                  return page;
                              })
               | read_ids() | ps::store(target(), records(), {.create_table = true, .max_age = 60s});
    std::jthread killer([&] {
        while (!say.wait_until_blocked() || read != 7) std::this_thread::yield();
        given_before = say.given();
        asked = clock_type::now();
        ::kill(::getpid(), SIGTERM);
    });
    const ps::report done = settled_run(job, {.drain_timeout = 20s, .stop = stop.get_token()});
    listener.join();
    killer.join();
    ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
    EXPECT_LT(clock_type::now() - asked, promptly);
    EXPECT_EQ(done.reason, ps::end_reason::stopped);
    EXPECT_EQ(done.count(ps::outcome::committed), 7U) << done;
    EXPECT_EQ(say.given(), given_before);
    EXPECT_EQ(rows_seen(), 7);
}

}  // namespace
