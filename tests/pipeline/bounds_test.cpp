// What is in flight, how much of it, and who waits for whom.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "penstock/compose.hpp"
#include "penstock/sources/generate.hpp"
#include "penstock/testing/in_flight_gauge.hpp"
#include "tests/account.hpp"

namespace ps = penstock;
using ps::testing::expect_settled;
using ps::testing::in_flight_gauge;
using token = in_flight_gauge::token;

namespace {

TEST(bounds, in_flight_never_exceeds_the_queue) {
    for (const std::size_t queue : {1U, 2U, 64U, 1000U}) {
        for (const unsigned workers : {1U, 2U, 8U}) {
            in_flight_gauge alive;
            int left = 3000;
            auto job = ps::generate([&]() -> std::optional<token> {
                           if (left-- == 0) return std::nullopt;
                           return token(alive);
                       })
                       | ps::parallel("pass", [](token one) { return one; })
                       | ps::serial("forget", [](const token&) {});
            const ps::report done = job.run({.max_workers = workers, .queue_size = queue});
            expect_settled(done);
            EXPECT_EQ(done.count(ps::outcome::committed), 3000U);
            EXPECT_LE(alive.peak(), queue) << workers << " workers";
            EXPECT_LE(done.figures.peak_in_flight, queue);
            EXPECT_GE(done.figures.peak_in_flight, 1U);
            EXPECT_LE(done.workers, workers);
        }
    }
}

/// A gate that a test opens.
class gate {
public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        bell_.notify_all();
    }
    void wait() {
        std::unique_lock lock(mutex_);
        bell_.wait(lock, [this] { return open_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable bell_;
    bool open_ = false;
};

TEST(bounds, a_blocked_sink_stops_admission_at_the_queue) {
    gate go;
    std::atomic<int> given{0};
    ps::metrics figures;
    auto job = ps::generate([&]() -> std::optional<int> {
                   if (given == 500) return std::nullopt;
                   return given++;
               })
               | ps::serial("slow", [&](int) { go.wait(); });
    std::thread opener([&] {
        while (figures.snapshot().in_flight() < 20) std::this_thread::yield();
        EXPECT_EQ(given, 20) << "the source was asked for more than the queue has room for";
        EXPECT_EQ(figures.snapshot().taken, 20U);
        go.open();
    });
    const ps::report done = job.run({.queue_size = 20, .metrics = &figures});
    opener.join();
    expect_settled(done);
    EXPECT_EQ(done.count(ps::outcome::committed), 500U);
    EXPECT_EQ(done.figures.peak_in_flight, 20U);
}

TEST(bounds, a_blocked_source_delays_no_item) {
    gate arrived;
    int given = 0;
    auto job = ps::generate([&]() -> std::optional<int> {
                   if (given == 1) arrived.wait();  // Only the sink lets the source go on.
                   if (given == 2) return std::nullopt;
                   return given++;
               })
               | ps::parallel("same", [](int n) { return n; }) | ps::serial("open", [&](int) { arrived.open(); });
    expect_settled(job.run());
    EXPECT_EQ(given, 2);
}

TEST(bounds, G2_one_worker_is_enough_for_any_chain) {
    int sum = 0;
    int given = 0;
    auto job =
        ps::generate([&]() -> std::optional<int> { return given < 5000 ? std::optional(given++) : std::nullopt; })
        | ps::serial("a", [](int n) { return n; }) | ps::parallel("b", [](int n) { return n; })
        | ps::in_order("c", [](int n) { return n; }) | ps::parallel("d", [](int) { return 1; })
        | ps::in_order("sum", [&](int n) { sum += n; });
    expect_settled(job.run({.max_workers = 1, .queue_size = 3}));
    EXPECT_EQ(sum, 5000);
}

}  // namespace
