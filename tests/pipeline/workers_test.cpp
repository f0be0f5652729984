// One worker alone, or TBB's: who takes items through the stages must make no difference but in time.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "account.hpp"
#include "penstock/compose.hpp"
#include "penstock/sources/from.hpp"
#include "penstock/sources/generate.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;
using ps::testing::expect_settled;

namespace {

std::vector<int> numbers(int count) {
    std::vector<int> all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

/// What some threads count and others wait for.
class tally {
public:
    void add() {
        const std::lock_guard lock(mutex_);
        ++count_;
        changed_.notify_all();
    }
    /// True if so many were counted within a while.
    bool reached(int wanted) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 20s, [&] { return count_ >= wanted; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
};

/// Burns the time instead of sleeping, so that the item is work.
void work_for(std::chrono::microseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < until) {
    }
}

bool two_workers() {
    auto job = ps::from(std::vector<int>{}) | ps::serial("none", [](int) {});
    return job.run({.max_workers = 2}).workers == 2;
}

/// Gives numbers, with a pause before one of them in which it gets calm, so that they are one worker's again.
auto with_a_pause(int count, int before) {
    return ps::generate([=, next = 0]() mutable -> std::optional<int> {
        if (next == before) std::this_thread::sleep_for(50ms);
        return next < count ? std::optional(next++) : std::nullopt;
    });
}

TEST(workers, an_item_that_holds_up_the_only_worker_holds_up_no_other) {
    if (!two_workers()) GTEST_SKIP() << "this machine has one core";
    tally seen;
    std::atomic<bool> released{false};
    std::vector<int> came;
    const auto wait = [&](int n) {
        // What the worker had in hand together with it cannot pass it; the rest can.
        if (n == 5000) released = seen.reached(15'000);
        return n;
    };
    auto job = with_a_pause(20'000, 4990) | ps::parallel("wait", wait) | ps::serial("seen", [&](int n) {
                   came.push_back(n);
                   seen.add();
               });
    const ps::report done = job.run({.queue_size = 1000});
    expect_settled(done);
    EXPECT_TRUE(done.clean()) << done;
    EXPECT_TRUE(released);
    std::sort(came.begin(), came.end());
    EXPECT_EQ(came, numbers(20'000));
}

TEST(workers, items_that_are_held_up_one_after_the_other_all_come_through) {
    std::vector<int> came;
    const auto first = [](int n) {
        if (n % 1000 == 500) std::this_thread::sleep_for(130ms);
        return n;
    };
    const auto second = [](int n) {
        if (n == 2900) std::this_thread::sleep_for(130ms);
        return n - 1;
    };
    auto job = ps::from(numbers(4000)) | ps::parallel("first", first)
               | ps::serial("between", [](int n) { return n + 1; }) | ps::parallel("second", second)
               | ps::serial("seen", [&](int n) { came.push_back(n); });
    const ps::report done = job.run({.queue_size = 100});
    expect_settled(done);
    EXPECT_TRUE(done.clean()) << done;
    std::sort(came.begin(), came.end());
    EXPECT_EQ(came, numbers(4000));
}

TEST(workers, costly_items_are_worked_on_at_once) {
    if (!two_workers()) GTEST_SKIP() << "this machine has one core";
    std::atomic<int> inside{0};
    std::atomic<bool> met{false};
    const auto work = [&](int n) {
        if (++inside == 2) met = true;
        work_for(3ms);
        --inside;
        return n;
    };
    auto job = ps::from(numbers(60)) | ps::parallel("work", work) | ps::serial("seen", [](int) {});
    const ps::report done = job.run({.max_workers = 2});
    expect_settled(done);
    EXPECT_TRUE(done.clean()) << done;
    EXPECT_TRUE(met);
}

TEST(workers, order_is_kept_whoever_works) {
    std::vector<int> came;
    const auto uneven = [](int n) {
        // Stretches of dear and of cheap items, so that TBB is begun and ended several times.
        if (n % 1000 < 10) work_for(2ms);
        return n;
    };
    auto job = ps::from(numbers(6000)) | ps::parallel("uneven", uneven)
               | ps::in_order("seen", [&](int n) { came.push_back(n); });
    const ps::report done = job.run({.queue_size = 200});
    expect_settled(done);
    EXPECT_TRUE(done.clean()) << done;
    EXPECT_EQ(came, numbers(6000));
}

TEST(workers, a_stop_while_an_item_is_held_up_waits_for_that_item_alone) {
    if (!two_workers()) GTEST_SKIP() << "this machine has one core";
    std::stop_source stop;
    tally seen;
    const auto wait = [&](int n) {
        if (n == 1000) {
            EXPECT_TRUE(seen.reached(2000));
            stop.request_stop();
        }
        return n;
    };
    auto job = with_a_pause(5000, 990) | ps::parallel("wait", wait) | ps::serial("seen", [&](int) { seen.add(); });
    const ps::report done = job.run({.queue_size = 100, .stop = stop.get_token()});
    expect_settled(done);
    EXPECT_EQ(done.reason, ps::end_reason::stopped);
    EXPECT_EQ(done.count(ps::outcome::abandoned) + done.count(ps::outcome::committed), done.taken());
}

}  // namespace
