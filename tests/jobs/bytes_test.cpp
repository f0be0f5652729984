// The bytes of bodies in flight, in whole jobs.
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <optional>
#include <thread>

#include "job_fixture.hpp"
#include "penstock/sources/generate.hpp"
#include "tests/patience.hpp"
#include "tests/sanitizer.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;
using ps::testing::expect_settled;
using ps::testing::record;

namespace {

class bytes : public ps::testing::job_fixture {
protected:
    static constexpr std::size_t body_size = 1'000'000;
    static constexpr std::size_t most = 4'000'000;

    auto urls(int count) {
        return ps::generate([this, count, next = 0]() mutable -> std::optional<std::string> {
            if (next == count) return std::nullopt;
            return server_.url("/" + std::to_string(next++));
        });
    }
    static ps::fetch_options hurried() {
        return {.timeout = 2s, .retries = 0, .max_body = body_size, .connections_per_host = 100};
    }

    // A body's memory is that of a part of it: the server is in this process, too.
    ps::testing::http_server server_{[](const ps::testing::http_request&) {
        return ps::testing::http_response{.body = std::string(body_size / 100, 'b'), .body_repeat = 100};
    }};
};

std::size_t resident() {
    std::size_t whole = 0, pages = 0;
    std::ifstream("/proc/self/statm") >> whole >> pages;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

TEST_F(bytes, J8_a_parser_much_slower_than_fetch_bounds_memory_and_fails_nobody) {
    std::size_t largest = 0;
    const std::size_t before = resident();
    ps::metrics figures;
    auto job = urls(80) | ps::fetch(hurried())
               | ps::serial("read",
                            [&](const ps::page& page) {
                                largest = std::max(largest, resident());
                                std::this_thread::sleep_for(30ms);  // It is at work: for longer than an item may take.
                                return record{ps::testing::number_in(page.url()), "x"};
                            })
               | ps::store(target(), records(), {.create_table = true});
    const ps::report done = job.run({.max_bytes_in_flight = most, .item_timeout = 2s, .metrics = &figures});
    expect_settled(done);
    EXPECT_TRUE(done.clean()) << done;
    EXPECT_EQ(rows_seen(), 80);
    EXPECT_GE(done.figures.fetch.peak_bytes_in_flight, most / 2);
    EXPECT_LE(done.figures.fetch.peak_bytes_in_flight, most + body_size);
    EXPECT_EQ(done.figures.fetch.bytes_in_flight, 0U);
    EXPECT_EQ(figures.snapshot().fetch.bytes_in_flight, 0U);
    if (!ps::testing::is_sanitized) {
        EXPECT_LT(largest - before, 5 * (most + body_size)) << "80 MB went through";
    }
}

TEST_F(bytes, pages_that_are_handed_on_as_pages_are_counted_until_they_are_settled) {
    std::atomic<std::uint64_t> least{UINT64_MAX};
    ps::metrics figures;
    auto job = urls(20) | ps::fetch(hurried()) | ps::parallel("same", [](ps::page page) { return page; })
               | ps::in_order("end", [&](const ps::page& page) {
                     least = std::min(least.load(), figures.snapshot().fetch.bytes_in_flight);
                     EXPECT_EQ(page.body().size(), body_size);
                 });
    const ps::report done = job.run({.max_workers = 2, .max_bytes_in_flight = most, .metrics = &figures});
    expect_settled(done);
    EXPECT_TRUE(done.clean()) << done;
    EXPECT_GE(least, body_size);
    EXPECT_LE(done.figures.fetch.peak_bytes_in_flight, most + body_size);
    EXPECT_EQ(done.figures.fetch.bytes_in_flight, 0U);
}

TEST_F(bytes, dead_and_dropped_items_give_back_their_bytes) {
    auto job = urls(40) | ps::fetch(hurried())
               | ps::parallel("end",
                              [](const ps::page& page) -> ps::result<record> {
                                  if (page.url().ends_with('1')) throw std::runtime_error("bad");
                                  return ps::dropped;
                              })
               | ps::store(target(), records(), {.create_table = true});
    const ps::report done = job.run({.max_bytes_in_flight = 2 * body_size});
    expect_settled(done);
    EXPECT_EQ(done.count(ps::outcome::dead), 4U);
    EXPECT_EQ(done.count(ps::outcome::dropped), 36U);
    EXPECT_EQ(done.figures.fetch.bytes_in_flight, 0U);
}

TEST_F(bytes, O2_an_abandon_while_there_is_no_room_ends_at_once) {
    std::stop_source abandon;
    std::chrono::steady_clock::time_point asked;
    auto job = urls(40) | ps::fetch(hurried())
               | ps::serial("end",
                            [&](const ps::page&) {
                                while (server_.requests() < 2) std::this_thread::yield();
                                asked = std::chrono::steady_clock::now();
                                abandon.request_stop();
                                return record{1, "x"};
                            })
               | ps::store(target(), records(), {.create_table = true});
    const ps::report done = job.run({.max_bytes_in_flight = body_size, .abandon = abandon.get_token()});
    EXPECT_LT(std::chrono::steady_clock::now() - asked, ps::testing::promptly);
    expect_settled(done);
    EXPECT_GT(done.count(ps::outcome::abandoned), 0U);
    EXPECT_EQ(done.figures.fetch.bytes_in_flight, 0U);
}

}  // namespace
