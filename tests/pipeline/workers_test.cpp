// One worker alone, or TBB's: who takes items through the stages must make no difference but in time.
#include <gtest/gtest.h>
#include <tbb/task.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <numeric>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "penstock/compose.hpp"
#include "penstock/sources/from.hpp"
#include "penstock/sources/generate.hpp"
#include "tally.hpp"
#include "tests/account.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;
using ps::testing::expect_settled;
using ps::testing::tally;

namespace {

std::vector<int> numbers(int count) {
    std::vector<int> all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

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

/// Numbers of which one is held up by the worker that is alone: it comes when all before it are through and it has got
/// calm, and the rest come when it is being worked on.
class held_up {
public:
    explicit held_up(int item) : item_(item) {}

    auto source(int count) {
        return ps::generate([this, count, next = 0]() mutable -> std::optional<int> {
            if (next == item_) {
                EXPECT_TRUE(seen.reached(item_));
                std::this_thread::sleep_for(30ms);
            }
            if (next == item_ + 1) {
                EXPECT_TRUE(begun_.reached(1));
            }
            return next < count ? std::optional(next++) : std::nullopt;
        });
    }

    /// Returns at once for all but the one, and for that when so many were seen behind it; true if they were.
    bool until_seen(int n, int many) {
        if (n != item_) return true;
        begun_.add();
        return seen.reached(item_ + many);
    }

    tally seen;

private:
    const int item_;
    tally begun_;
};

TEST(workers, an_item_that_holds_up_the_only_worker_holds_up_no_other) {
    if (!two_workers()) GTEST_SKIP() << "this machine has one core";
    held_up script(500);
    std::vector<int> came;
    const auto wait = [&](int n) {
        EXPECT_TRUE(script.until_seen(n, 4499));  // All of the rest.
        return n;
    };
    auto job = script.source(5000) | ps::parallel("wait", wait) | ps::serial("seen", [&](int n) {
                   came.push_back(n);
                   script.seen.add();
               });
    const ps::report done = job.run({.queue_size = 1000});
    expect_settled(done);
    EXPECT_TRUE(done.clean()) << done;
    EXPECT_EQ(came.back(), 500);
    std::sort(came.begin(), came.end());
    EXPECT_EQ(came, numbers(5000));
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
    auto job = ps::from(numbers(20)) | ps::parallel("work", work) | ps::serial("seen", [](int) {});
    // TBB allows two to work at once but does not promise it: now and then its second thread does not wake up, and
    // where the cores are taken it gets none for a long time.
    for (const auto end = std::chrono::steady_clock::now() + 30s; !met && std::chrono::steady_clock::now() < end;) {
        const ps::report done = job.run({.max_workers = 2});
        expect_settled(done);
        EXPECT_TRUE(done.clean()) << done;
    }
    EXPECT_TRUE(met);
}

TEST(workers, an_item_that_holds_up_one_of_two_workers_holds_up_no_other) {
    if (!two_workers()) GTEST_SKIP() << "this machine has one core";
    // TBB may not come to work in time, nor its second thread at all: then it is tried again.
    for (int tries = 0; tries < 5; ++tries) {
        tally seen;
        std::atomic<bool> as_meant{true};
        std::atomic<bool> held_up_others{false};
        const auto work = [&](int n) {
            if (n != 20) {
                work_for(3ms);
            } else if (tbb::task::current_context() == nullptr || !seen.reached(39)) {
                as_meant = false;
            } else {
                held_up_others = !seen.reached(139);
            }
            return n;
        };
        auto job = ps::generate([&, next = 0]() mutable -> std::optional<int> {
                       if (next == 40) {
                           EXPECT_TRUE(seen.reached(39));
                           std::this_thread::sleep_for(100ms);  // It gets calm: there is nothing to be woken by.
                       }
                       return next < 200 ? std::optional(next++) : std::nullopt;
                   })
                   | ps::parallel("work", work) | ps::serial("seen", [&](int) { seen.add(); });
        const ps::report done = job.run({.max_workers = 2});
        expect_settled(done);
        EXPECT_TRUE(done.clean()) << done;
        if (!as_meant) continue;
        EXPECT_FALSE(held_up_others);
        return;
    }
    GTEST_SKIP() << "TBB never came to work with two threads";
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
    held_up script(500);
    const auto wait = [&](int n) {
        EXPECT_TRUE(script.until_seen(n, 1000));
        if (n == 500) stop.request_stop();
        return n;
    };
    auto job =
        script.source(1'000'000) | ps::parallel("wait", wait) | ps::serial("seen", [&](int) { script.seen.add(); });
    const ps::report done = job.run({.queue_size = 100, .stop = stop.get_token()});
    expect_settled(done);
    EXPECT_EQ(done.reason, ps::end_reason::stopped);
    EXPECT_EQ(done.count(ps::outcome::abandoned) + done.count(ps::outcome::committed), done.taken());
}

}  // namespace
