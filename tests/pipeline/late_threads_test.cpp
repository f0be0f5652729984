// Threads that come too late, as on a machine that has too much to do. This program has a pthread_setname_np of its
// own: the first thing that a thread of penstock's calls.
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/prctl.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>

#include "penstock/compose.hpp"
#include "penstock/sources/from.hpp"
#include "penstock/sources/generate.hpp"
#include "tally.hpp"
#include "tests/account.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;
using ps::testing::settled_run;
using ps::testing::tally;

namespace {

/// Holds up every thread "penstock-flow" that begins while it is shut.
class start_line {
public:
    void shut() {
        change([this] { shut_ = true; });
    }
    void open() {
        change([this] { shut_ = false; });
    }
    /// True if a thread came to it within a while.
    bool is_reached() {
        return wait([this] { return waiting_ > 0; });
    }

    void pass() {
        change([this] { ++waiting_; });
        wait([this] { return !shut_; });
        change([this] { --waiting_; });
    }

private:
    void change(const std::function<void()>& what) {
        const std::lock_guard lock(mutex_);
        what();
        changed_.notify_all();
    }
    bool wait(const std::function<bool()>& until) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 20s, until);
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    bool shut_ = false;
    int waiting_ = 0;
};

start_line line;

/// A run whose items come one at a time, to a worker that is alone, for they are cheap: but for these three.
///
///     relieved   held up until another has gone on in the worker's place, with the item behind it
///     missed     held up until another is sent, which comes to the line; then it is through
///     last       held up by what the test says
class late_relief : public ::testing::Test {
protected:
    static constexpr int relieved = 100;  // So many that it is known how cheap they are.
    static constexpr int missed = relieved + 2;
    static constexpr int last = missed + 1;

    void SetUp() override {
        auto none = ps::from({1}) | ps::serial("none", [](int) {});
        if (none.run({.max_workers = 2}).workers != 2) GTEST_SKIP() << "this machine has one core";
    }
    void TearDown() override { line.open(); }

    /// Gives the next item when the one before it is through, or held up for this one.
    std::optional<int> next() {
        const bool behind_a_held_up = next_ == relieved + 1 || next_ == last + 1;
        EXPECT_TRUE(behind_a_held_up ? begun_.reached(next_) : seen_.reached(next_)) << next_;
        return next_ < last + 2 ? std::optional(next_++) : std::nullopt;
    }

    int hold_up(int n) {
        begun_.add();
        if (n == relieved) {
            EXPECT_TRUE(seen_.reached(relieved + 1));
        }
        if (n == missed) {
            line.shut();
            EXPECT_TRUE(line.is_reached()) << "nobody was sent to relieve the worker";
        }
        if (n == last) at_last_();
        return n;
    }

    void expect_a_good_run(std::function<void()> at_last) {
        at_last_ = std::move(at_last);
        auto job = ps::generate([this] { return next(); })
                   | ps::parallel("hold_up", [this](int n) { return hold_up(n); })
                   | ps::serial("seen", [this](int) { seen_.add(); });
        const ps::report done = settled_run(job, {.max_workers = 2,
                                                  .progress = [this](const ps::metrics_snapshot&) { looks_.add(); },
                                                  .progress_every = 10ms});
        EXPECT_TRUE(done.clean()) << done;
        EXPECT_EQ(done.taken(), last + 2U);
    }

    /// True if it shows progress for longer than it needs to see that the worker is held up.
    bool the_watch_goes_on() { return looks_.reached(looks_.count() + 50); }

    tally begun_, seen_;

private:
    tally looks_;
    std::function<void()> at_last_;
    int next_ = 0;
};

TEST_F(late_relief, that_has_missed_its_item_is_followed_by_one_that_stops_neither_item_nor_watch) {
    expect_a_good_run([this] {
        line.open();
        EXPECT_TRUE(seen_.reached(last + 1)) << "the item behind it had to wait";
        EXPECT_TRUE(the_watch_goes_on());
    });
}

TEST_F(late_relief, that_is_still_to_begin_does_not_stop_the_watch) {
    expect_a_good_run([this] {
        EXPECT_TRUE(the_watch_goes_on());
        line.open();
    });
}

}  // namespace

extern "C" int pthread_setname_np(pthread_t, const char* name) noexcept {
    if (std::string_view(name) == "penstock-flow") line.pass();
    return ::prctl(PR_SET_NAME, name);
}
