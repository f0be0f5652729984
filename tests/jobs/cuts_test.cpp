// Stops and abandons at random moments, in whatever state the run is then.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>

#include "busy_database.hpp"
#include "full_listener.hpp"
#include "job_fixture.hpp"
#include "penstock/sources/lines.hpp"
#include "tests/leftovers.hpp"
#include "tests/patience.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;
using ps::testing::http_request;
using ps::testing::http_response;
using ps::testing::record;
using ps::testing::settled_run;
using clock_type = std::chrono::steady_clock;

namespace {

constexpr auto drain = 100ms;

http_response answer(const http_request& r) {
    if (r.target.starts_with("/good")) return ps::testing::text("x");
    if (r.target.starts_with("/waiting")) return {.delay = 60s};
    if (r.target.starts_with("/trickling")) return {.body = std::string(1000, 'x'), .trickle_bytes = 1};
    if (r.target.starts_with("/busy")) return ps::testing::status(503);
    if (r.target.starts_with("/cut")) return {.body = "xxxxx", .cut_body_after = 2, .reset = true};
    return ps::testing::status(404);
}

class cuts : public ps::testing::job_fixture {
protected:
    cuts() {
        const char* given = std::getenv("PENSTOCK_TEST_SEED");
        seed_ = given != nullptr ? std::strtoul(given, nullptr, 10) : std::random_device()();
        std::cout << "PENSTOCK_TEST_SEED=" << seed_ << '\n';
        dice_.seed(static_cast<std::mt19937::result_type>(seed_));
        settled_run(ps::from(std::vector<record>{}) | ps::store(target(), records(), {.create_table = true}));
        ::mkfifo((folder_ / "urls").c_str(), 0600);
        pipe_ = ::open((folder_ / "urls").c_str(), O_RDWR | O_CLOEXEC);
    }
    ~cuts() override { ::close(pipe_); }

    static int rounds() { return std::getenv("PENSTOCK_TEST_LONG") != nullptr ? 200 : 25; }

    bool chance(int one_of) { return std::uniform_int_distribution(1, one_of)(dice_) == 1; }
    int up_to(int most) { return std::uniform_int_distribution(0, most)(dice_); }

    /// Few or many URLs of some kinds into the pipe, whose writer then stays there and says nothing.
    void write_urls() {
        const int kinds = up_to(6);
        std::string text;
        for (int left = up_to(60); left > 0; --left) {
            switch (up_to(kinds)) {
                case 1: text += nobody_accepts_.url(); break;
                case 2: text += server_.url("/waiting/"); break;
                case 3: text += server_.url("/busy/"); break;
                case 4: text += server_.url("/trickling/"); break;
                case 5: text += server_.url("/cut/"); break;
                case 6: text += server_.url("/missing/"); break;
                default: text += server_.url("/good/");
            }
            text += std::to_string(next_id_++) + '\n';
        }
        ASSERT_EQ(::write(pipe_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }

    /// Takes out what a run did not read.
    void empty_pipe() {
        char left[65536];
        ::fcntl(pipe_, F_SETFL, O_NONBLOCK);
        while (::read(pipe_, left, sizeof left) > 0) {
        }
        ::fcntl(pipe_, F_SETFL, 0);
    }

    /// One run that is cut; how long it took to end from then on.
    clock_type::duration cut_one(bool abandon) {
        write_urls();
        const bool locked = chance(4);
        ps::testing::busy_database busy(folder_ / "jobs.db");
        auto job = ps::lines(folder_ / "urls")
                   | ps::fetch({.retries = 3, .backoff = chance(2) ? 60s : 5s, .max_backoff = 60s})
                   | ps::parallel("read",
                                  [](const ps::page& page) {
                                      return record{ps::testing::number_in(page.url()), "x"};
                                  })
                   | ps::store(target(), records(),
                               {.max_rows = chance(2) ? 1U : 100U,
                                .max_age = chance(2) ? std::chrono::milliseconds(60s) : 2ms,
                                .busy_timeout = 60s});
        const std::size_t queue = chance(3) ? 2 : 64;
        const auto moment = std::chrono::microseconds(up_to(20'000));
        std::atomic<std::uint64_t> letters{0};
        std::stop_source source;
        ps::metrics figures;
        clock_type::time_point asked{};
        std::jthread cutter([&] {
            while (figures.snapshot().elapsed == 0ns) std::this_thread::yield();
            if (locked) busy.lock();
            while (figures.snapshot().elapsed < moment) std::this_thread::yield();
            asked = clock_type::now();
            source.request_stop();
        });
        const ps::report done = settled_run(job, {.queue_size = queue,
                                                  .drain_timeout = drain,
                                                  .stop = abandon ? std::stop_token() : source.get_token(),
                                                  .abandon = abandon ? source.get_token() : std::stop_token(),
                                                  .metrics = &figures,
                                                  .dead_letters = [&](const ps::dead_letter&) { ++letters; }});
        const auto ended = clock_type::now();
        cutter.join();
        if (locked) busy.unlock();
        empty_pipe();
        committed_ += done.count(ps::outcome::committed);
        EXPECT_EQ(done.reason, ps::end_reason::stopped) << done;
        EXPECT_EQ(done.count(ps::outcome::dead), letters) << done;
        EXPECT_EQ(rows_seen(), static_cast<std::int64_t>(committed_)) << done;
        EXPECT_LE(done.figures.peak_in_flight, queue);
        return ended - asked;
    }

    void cut_many(bool abandon, clock_type::duration bound) {
        ps::testing::leftovers before;
        clock_type::duration longest{};
        for (int i = 0; i < rounds() && !HasFailure(); ++i) {
            const auto took = cut_one(abandon);
            EXPECT_LT(took, bound) << "in round " << i;
            longest = std::max(longest, took);
        }
        std::cout << "longest: " << std::chrono::duration<double, std::milli>(longest).count() << " ms\n";
        close_reader();  // SQLite keeps descriptors of a file open while another connection of the process has it.
        EXPECT_TRUE(before.none());
    }

    unsigned long seed_ = 0;
    std::mt19937 dice_;
    ps::testing::http_server server_{answer};
    const ps::testing::full_listener nobody_accepts_;
    int pipe_ = -1;
    std::int64_t next_id_ = 0;
    std::uint64_t committed_ = 0;
};

TEST_F(cuts, O3_stops_at_random_moments_lose_no_item_and_end_in_time) {
    cut_many(false, drain + ps::testing::promptly);
}

TEST_F(cuts, O3_abandons_at_random_moments_lose_no_item_and_end_at_once) { cut_many(true, ps::testing::promptly); }

}  // namespace
