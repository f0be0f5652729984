// Who waits for whom.
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "job_fixture.hpp"
#include "penstock/sources/generate.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;
using ps::testing::expect_settled;
using ps::testing::record;
using clock_type = std::chrono::steady_clock;

namespace {

class timing : public ps::testing::job_fixture {};

TEST_F(timing, G5_a_quiet_source_delays_neither_pages_nor_batches) {
    ps::testing::http_server server(
        [](const ps::testing::http_request& r) { return ps::testing::text(r.target.substr(1)); });
    // The source gives three URLs and then blocks for as long as a reader needs to see their rows.
    std::stop_source stop;
    int given = 0;
    clock_type::time_point gave{};
    clock_type::duration until_seen{};
    auto job = ps::generate([&]() -> std::optional<std::string> {
                   if (given < 3) {
                       gave = clock_type::now();
                       return server.url("/" + std::to_string(++given));
                   }
                   while (rows_seen() < 3 && clock_type::now() - gave < 5s) std::this_thread::yield();
                   until_seen = clock_type::now() - gave;
                   return std::nullopt;
               })
               | ps::fetch()
               | ps::parallel("read",
                              [](const ps::page& page) {
                                  return record{std::stoll(std::string(page.body())), std::string(page.url())};
                              })
               | ps::store(target(), records(), {.create_table = true, .max_rows = 1000, .max_age = 300ms});
    const ps::report done = job.run();
    expect_settled(done);
    EXPECT_TRUE(done.clean()) << done;
    EXPECT_EQ(rows_seen(), 3);
    EXPECT_LE(until_seen, 600ms) << "twice max_age";
}

TEST_F(timing, O2_O3_a_stop_flushes_the_open_batch_and_ends_retries) {
    ps::testing::http_server server([](const ps::testing::http_request& r) {
        return r.target == "/busy" ? ps::testing::status(503) : ps::testing::text("1");
    });
    std::stop_source stop;
    std::atomic<bool> stored{false};
    auto job = ps::generate([&, given = 0](std::stop_token token) mutable -> std::optional<std::string> {
                   if (given == 0) return server.url(++given == 1 ? "/busy" : "/");
                   if (given == 1) return server.url(++given == 2 ? "/good" : "/");
                   // The busy one sleeps before its retry, the good one waits in its batch: now the run is stopped.
                   while (!stored || server.requests("/busy") == 0) std::this_thread::yield();
                   stop.request_stop();
                   while (!token.stop_requested()) std::this_thread::yield();
                   return std::nullopt;
               })
               | ps::fetch({.backoff = 60s})
               | ps::parallel("read",
                              [&](const ps::page& page) {
                                  stored = true;
                                  return record{1, std::string(page.url())};
                              })
               | ps::store(target(), records(), {.create_table = true, .max_age = 60s});
    const auto began = clock_type::now();
    const ps::report done = job.run({.stop = stop.get_token()});
    EXPECT_LT(clock_type::now() - began, 5s);
    expect_settled(done);
    EXPECT_EQ(done.reason, ps::end_reason::stopped);
    EXPECT_EQ(done.count(ps::outcome::committed), 1U);
    EXPECT_EQ(done.count(ps::outcome::abandoned), 1U);
    EXPECT_EQ(rows_seen(), 1);
}

}  // namespace
