// The system clock jumps by days while a job runs. This program has its own system clock: what libraries ask for, too,
// is answered here.
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "job_fixture.hpp"
#include "penstock/testing/script.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;
using ps::testing::http_request;
using ps::testing::http_response;
using ps::testing::record;
using ps::testing::settled_run;

namespace {

constexpr time_t day = 24 * 60 * 60;
std::atomic<time_t> days_ahead{0};
std::atomic<unsigned> asked{0};

}  // namespace

extern "C" {

int clock_gettime(clockid_t which, timespec* now) noexcept {
    const long done = ::syscall(SYS_clock_gettime, which, now);
    if (done == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) {
        now->tv_sec += days_ahead * day;
        ++asked;
    }
    return static_cast<int>(done);
}

int gettimeofday(timeval* now, void*) noexcept {
    timespec precise{};
    const int done = clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return done;
}

time_t time(time_t* now) noexcept {
    timespec precise{};
    (void)clock_gettime(CLOCK_REALTIME, &precise);
    if (now != nullptr) *now = precise.tv_sec;
    return precise.tv_sec;
}
}

namespace {

class clock_jumps : public ps::testing::job_fixture {};

TEST_F(clock_jumps, O7_of_days_neither_hurry_nor_delay_anything) {
    // The standard library asks here, so the jumps are felt by all that are linked.
    const auto today = std::chrono::system_clock::now();
    days_ahead = 1;
    ASSERT_GT(std::chrono::system_clock::now() - today, 23h);

    // Each page needs two retries; the last batch is closed by its age, for only then the source ends.
    std::map<std::string, int> tries;
    ps::testing::http_server server([&](const http_request& r) {
        return ++tries[r.target] <= 2 ? ps::testing::status(503) : http_response{.body = "x", .delay = 20ms};
    });
    ps::testing::script<std::string> say;
    for (int i = 0; i < 30; ++i) say.give(server.url("/" + std::to_string(i)));
    auto job = say.block().source() | ps::fetch({.timeout = 10s, .backoff = 20ms})
               | ps::parallel("read",
                              [](const ps::page& page) {
                                  return record{ps::testing::number_in(page.url()), "x"};
                              })
               | ps::store(target(), records(), {.create_table = true, .max_age = 50ms, .busy_timeout = 5s});
    std::atomic<int> shown{0};
    std::jthread jumper([&](std::stop_token ended) {
        for (time_t days = 1; !ended.stop_requested(); days = days == 1 ? -1 : days + 1) {
            days_ahead = days;
            std::this_thread::sleep_for(1ms);
        }
    });
    std::jthread releaser([&] {
        const auto give_up = std::chrono::steady_clock::now() + 10s;
        while (rows_seen() < 30 && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
        say.release();
    });
    const auto began = std::chrono::steady_clock::now();
    const ps::report done =
        settled_run(job, {.item_timeout = 10s, .progress = [&](const auto&) { ++shown; }, .progress_every = 20ms});
    const auto took = std::chrono::steady_clock::now() - began;
    EXPECT_TRUE(done.clean()) << done;
    EXPECT_EQ(done.figures.fetch.retries, 60U);
    EXPECT_EQ(rows_seen(), 30);
    EXPECT_GT(shown, 2);
    EXPECT_GE(took, 30ms) << "the pauses before retries were cut short";
    EXPECT_LT(took, 3s);
    EXPECT_LE(done.figures.elapsed, took + 1ms);
    EXPECT_LT(done.figures.fetch.p99, 3s);
}

TEST_F(clock_jumps, O7_a_date_to_come_back_at_delays_nobody_longer_than_allowed) {
    std::string date;
    ps::testing::http_server server([&](const http_request&) {
        return http_response{.status = 429, .headers = {{"Retry-After", date}}};
    });
    for (const time_t days : {-400, -1, 0, 1, 400}) {
        days_ahead = 0;
        const time_t in_an_hour = ::time(nullptr) + 3600;
        char text[64];
        tm parts{};
        ::gmtime_r(&in_an_hour, &parts);
        date.assign(text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts));
        days_ahead = days;
        auto job = ps::from({server.url()}) | ps::fetch({.retries = 1, .backoff = 5ms, .max_backoff = 20ms})
                   | ps::serial("none", [](const ps::page&) {});
        const auto began = std::chrono::steady_clock::now();
        const ps::report done = settled_run(job);
        EXPECT_EQ(done.count(ps::outcome::dead), 1U) << done;
        // In the past, by our clock, it asks for nothing; else for more than max_backoff.
        EXPECT_EQ(done.figures.fetch.attempts, days > 0 ? 2U : 1U) << days;
        EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
    }
}

TEST_F(clock_jumps, O7_of_days_leave_the_drain_its_time) {
    ps::testing::http_server server([](const http_request&) { return http_response{.delay = 60s}; });
    std::stop_source stop;
    ps::metrics figures;
    auto job = ps::from({server.url()}) | ps::fetch() | ps::serial("none", [](const ps::page&) {});
    std::jthread jumper([&] {
        while (server.requests() == 0) std::this_thread::yield();
        stop.request_stop();
        days_ahead = 2;
    });
    const auto began = std::chrono::steady_clock::now();
    const ps::report done = settled_run(job, {.drain_timeout = 200ms, .stop = stop.get_token(), .metrics = &figures});
    EXPECT_EQ(done.count(ps::outcome::abandoned), 1U);
    EXPECT_GE(std::chrono::steady_clock::now() - began, 200ms);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

}  // namespace
