// Every way in which a run can end.
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include "penstock/compose.hpp"
#include "penstock/detail/metric_block.hpp"
#include "penstock/errors.hpp"
#include "penstock/sources/from.hpp"
#include "penstock/sources/generate.hpp"
#include "penstock/testing/script.hpp"
#include "tests/account.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;
using ps::testing::expect_settled;
using ps::testing::settled_run;

namespace {

auto endless() {
    return ps::generate([n = 0]() mutable -> std::optional<int> { return n++; });
}

TEST(end, an_empty_source_completes_and_says_so) {
    auto job = ps::from(std::vector<int>{}) | ps::serial("none", [](int) { FAIL(); });
    const ps::report done = job.run();
    expect_settled(done);
    EXPECT_TRUE(done.clean());
    EXPECT_EQ(done.taken(), 0U);
    std::ostringstream out;
    out << done;
    EXPECT_NE(out.str().find("completed: 0 taken, 0 committed"), std::string::npos) << out.str();
    EXPECT_NE(out.str().find("the source was empty"), std::string::npos) << out.str();
}

TEST(end, G5_a_stop_ends_an_endless_source_and_settles_what_is_in_flight) {
    std::stop_source stop;
    int seen = 0;
    auto job = endless() | ps::parallel("same", [](int n) { return n; }) | ps::serial("count", [&](int) {
                   if (++seen == 1000) stop.request_stop();
               });
    const ps::report done = job.run({.queue_size = 64, .stop = stop.get_token()});
    expect_settled(done);
    EXPECT_EQ(done.reason, ps::end_reason::stopped);
    EXPECT_FALSE(done.clean());
    EXPECT_EQ(done.count(ps::outcome::committed), static_cast<std::uint64_t>(seen));
    EXPECT_LE(done.count(ps::outcome::committed), 1000U + 64U);
}

TEST(end, a_run_that_is_stopped_before_it_begins_takes_nothing) {
    std::stop_source stop;
    stop.request_stop();
    auto job = endless() | ps::serial("count", [](int) {});
    const ps::report done = job.run({.stop = stop.get_token()});
    expect_settled(done);
    EXPECT_EQ(done.reason, ps::end_reason::stopped);
    EXPECT_EQ(done.taken(), 0U);
}

TEST(end, a_blocking_source_is_given_the_stop_token) {
    std::stop_source stop;
    std::jthread stopper([&] { stop.request_stop(); });
    auto job = ps::generate([](std::stop_token token) -> std::optional<int> {
                   while (!token.stop_requested()) std::this_thread::yield();
                   return std::nullopt;
               })
               | ps::serial("none", [](int) {});
    const auto began = std::chrono::steady_clock::now();
    const ps::report done = job.run({.stop = stop.get_token()});
    expect_settled(done);
    EXPECT_EQ(done.reason, ps::end_reason::stopped);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST(end, an_abandon_counts_what_is_in_flight) {
    std::stop_source abandon;
    std::atomic<int> seen{0};
    auto job = endless() | ps::parallel("same", [](int n) { return n; }) | ps::serial("count", [&](int) {
                   if (++seen == 100) abandon.request_stop();
               });
    const ps::report done = job.run({.queue_size = 50, .abandon = abandon.get_token()});
    expect_settled(done);
    EXPECT_EQ(done.reason, ps::end_reason::stopped);
    EXPECT_EQ(done.count(ps::outcome::committed), static_cast<std::uint64_t>(seen));
    EXPECT_LE(done.count(ps::outcome::abandoned), 50U);
}

TEST(end, a_drain_that_takes_too_long_is_cut_short) {
    std::stop_source stop;
    const std::stop_token token = stop.get_token();
    ps::metrics figures;
    std::string named;
    // The first item stays in its callable until that is named, which only a run does that is cut short.
    auto job = endless() | ps::in_order("stuck", [&](int n) {
                   if (n != 0) return;
                   while (figures.snapshot().in_flight() < 10) std::this_thread::yield();
                   stop.request_stop();
                   while (named.empty() && figures.snapshot().elapsed < 20s) {
                       std::this_thread::yield();
                       named = figures.snapshot().stuck;
                   }
               });
    const ps::report done =
        settled_run(job, {.queue_size = 10, .drain_timeout = 50ms, .stop = token, .metrics = &figures});
    EXPECT_EQ(named, "stuck");
    EXPECT_EQ(done.reason, ps::end_reason::stopped);
    EXPECT_EQ(done.count(ps::outcome::committed), 1U) << done;
    EXPECT_EQ(done.count(ps::outcome::abandoned), 9U) << done;
}

/// What the host's logger was told.
class kept_log {
public:
    kept_log() {
        auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
        spdlog::register_logger(std::make_shared<spdlog::logger>("penstock", std::move(sink)));
    }
    ~kept_log() { spdlog::drop("penstock"); }
    std::string text() const { return text_.str(); }

private:
    std::ostringstream text_;
};

/// Runs a pipeline in which the source and one more callable do not return before they are named.
void expect_named(bool in_stage, const std::string& name) {
    const kept_log log;
    ps::testing::script<int> say;
    std::stop_source abandon;
    ps::metrics figures;
    std::atomic<bool> inside{false};
    std::atomic<bool> go{false};
    const auto wait = [&](bool here) {
        if (!here) return;
        inside = true;
        while (!go) std::this_thread::yield();
    };
    auto job = say.give(1).block_deaf().source()
               | ps::parallel("reader",
                              [&](int n) {
                                  wait(in_stage);
                                  return n;
                              })
               | ps::serial("refuse", [](int) { throw 1; });
    std::string named;
    std::jthread watcher([&] {
        while (!inside || !say.wait_until_blocked()) std::this_thread::yield();
        abandon.request_stop();
        while (named.find(name) == named.npos && figures.snapshot().elapsed < 20s) named = figures.snapshot().stuck;
        go = true;
        say.release();
    });
    const ps::report done = settled_run(job, {.abandon = abandon.get_token(),
                                              .metrics = &figures,
                                              .dead_letters = [&](const ps::dead_letter&) { wait(!in_stage); }});
    watcher.join();
    EXPECT_EQ(done.reason, ps::end_reason::stopped);
    EXPECT_EQ(done.count(in_stage ? ps::outcome::abandoned : ps::outcome::dead), 1U) << done;
    for (const std::string& one : {std::string("script"), name}) {
        EXPECT_NE(named.find(one), std::string::npos) << named;
        EXPECT_NE(log.text().find(one), std::string::npos) << log.text();
        EXPECT_NE(done.detail.find(one), std::string::npos) << done.detail;
    }
}

TEST(end, J7_a_stage_that_does_not_return_is_named) { expect_named(true, "reader"); }

TEST(end, J7_a_dead_letter_sink_that_does_not_return_is_named) { expect_named(false, "the dead-letter sink"); }

TEST(end, a_count_that_is_lost_is_told) {
    // A sink that books what it was never given.
    class miscounting final : public ps::detail::any_sink {
    public:
        miscounting() : any_sink("miscount", ps::mode::serial) {}
        void open(ps::detail::run_services& run) override { run_ = &run; }
        void take(ps::detail::slot_chain items) noexcept override {
            run_->metrics().settled[0].fetch_add(1);
            run_->settle(items, ps::outcome::committed);
        }

    private:
        ps::detail::run_services* run_ = nullptr;
    };
    ps::detail::blueprint plan = ps::from({1}).release();
    plan.sink = std::make_unique<miscounting>();
    ps::pipeline job(std::move(plan));
    try {
        job.run();
        FAIL() << "run_failed was expected";
    } catch (const ps::run_failed& failed) {
        EXPECT_NE(std::string(failed.what()).find("lost count: 1 items taken, 2 settled"), std::string::npos)
            << failed.what();
    }
}

TEST(end, G5_a_source_that_throws_fails_the_run_after_what_it_gave_is_settled) {
    int seen = 0;
    auto job = ps::generate([n = 0]() mutable -> std::optional<int> {
                   if (n == 10) throw std::runtime_error("the well is dry");
                   return n++;
               })
               | ps::serial("count", [&](int) { ++seen; });
    try {
        job.run();
        FAIL() << "run_failed was expected";
    } catch (const ps::run_failed& failed) {
        expect_settled(failed.report());
        EXPECT_EQ(failed.report().reason, ps::end_reason::failed);
        EXPECT_EQ(failed.report().count(ps::outcome::committed), 10U);
        EXPECT_NE(std::string(failed.what()).find("the well is dry"), std::string::npos) << failed.what();
        EXPECT_NE(std::string(failed.what()).find("generate"), std::string::npos) << failed.what();
    }
    EXPECT_EQ(seen, 10);
}

TEST(end, a_pipeline_runs_again_after_a_failed_run) {
    bool fail = true;
    int seen = 0;
    auto job = ps::generate([&, n = 0]() mutable -> std::optional<int> {
                   if (n == 3 && std::exchange(fail, false)) throw 3;
                   if (n == 6) return std::nullopt;
                   return n++;
               })
               | ps::serial("count", [&](int) { ++seen; });
    EXPECT_EQ(settled_run(job).reason, ps::end_reason::failed);
    EXPECT_TRUE(settled_run(job).clean());
    EXPECT_EQ(seen, 6);
}

TEST(end, progress_is_shown_on_the_callers_thread_and_may_throw) {
    std::atomic<int> shown{0};
    const auto caller = std::this_thread::get_id();
    auto job = ps::generate([&]() -> std::optional<int> {
                   if (shown >= 3) return std::nullopt;
                   return 1;
               })
               | ps::serial("none", [](int) {});
    const ps::report done = job.run({.progress =
                                         [&](const ps::metrics_snapshot& now) {
                                             EXPECT_EQ(std::this_thread::get_id(), caller);
                                             EXPECT_GE(now.taken, now[ps::outcome::committed]);
                                             if (++shown == 3) throw std::runtime_error("enough");
                                         },
                                     .progress_every = 1ms});
    expect_settled(done);
    EXPECT_TRUE(done.clean());
    EXPECT_EQ(shown, 3);
}

}  // namespace
