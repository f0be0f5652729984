// Every hook of the user's may throw anything.
#include <gtest/gtest.h>
#include <spdlog/sinks/sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "penstock/compose.hpp"
#include "penstock/errors.hpp"
#include "penstock/sources/from.hpp"
#include "penstock/sources/lines.hpp"
#include "penstock/testing/script.hpp"
#include "tests/account.hpp"
#include "tests/leftovers.hpp"

namespace ps = penstock;
using ps::testing::settled_run;
using namespace std::chrono_literals;

namespace {

/// One kind of thing that can be thrown, and what a text that tells of it holds.
struct throwable {
    const char* name;
    void (*raise)();
    const char* told;
};

class hooks : public ::testing::TestWithParam<throwable> {
protected:
    ~hooks() override { EXPECT_TRUE(before_.none()); }

    static void raise() { GetParam().raise(); }
    static bool tells(const std::string& text) { return text.find(GetParam().told) != std::string::npos; }

    /// Throws for three of the ten items.
    static int fussy(int n) {
        if (n % 4 == 1) raise();
        return n;
    }
    static auto ten() { return ps::from({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}); }
    static auto end() {
        return ps::serial("end", [](int) {});
    }

    static void expect_three_dead(ps::pipeline&& job) {
        std::vector<ps::dead_letter> letters;
        const ps::report done =
            settled_run(job, {.dead_letters = [&](const ps::dead_letter& letter) { letters.push_back(letter); }});
        EXPECT_EQ(done.reason, ps::end_reason::completed) << done;
        EXPECT_EQ(done.count(ps::outcome::committed), 7U) << done;
        ASSERT_EQ(letters.size(), 3U);
        for (const ps::dead_letter& letter : letters) {
            EXPECT_EQ(letter.stage, "fussy");
            EXPECT_EQ(letter.item % 4, 1U);
            EXPECT_TRUE(tells(letter.reason)) << letter.reason;
        }
    }

    /// The run throws what `run` may throw, and that tells who it was and why.
    static void expect_not_begun(ps::pipeline& job, const ps::run_options& options, const std::string& who) {
        try {
            job.run(options);
            ADD_FAILURE() << "preflight_failed was expected";
        } catch (const ps::preflight_failed& failed) {
            EXPECT_EQ(std::string(failed.what()).find(who), 0U) << failed.what();
            EXPECT_TRUE(tells(failed.what())) << failed.what();
        } catch (const std::bad_alloc&) {
            EXPECT_STREQ(GetParam().name, "bad_alloc");
        }
    }

    ps::testing::leftovers before_;
};

TEST_P(hooks, O9_a_stage_that_throws_costs_its_items) {
    expect_three_dead(ten() | ps::parallel("fussy", fussy) | end());
    expect_three_dead(ten() | ps::serial("fussy", fussy) | end());
    expect_three_dead(ten() | ps::in_order("fussy", fussy) | end());
}

TEST_P(hooks, O9_a_sink_that_throws_costs_its_items) {
    expect_three_dead(ten() | ps::parallel("fussy", [](int n) { (void)fussy(n); }));
    expect_three_dead(ten() | ps::serial("fussy", [](int n) { (void)fussy(n); }));
    expect_three_dead(ten() | ps::in_order("fussy", [](int n) { (void)fussy(n); }));
}

TEST_P(hooks, O9_a_source_that_throws_fails_the_run_once_its_items_are_settled) {
    ps::testing::script<int> say;
    for (int i = 0; i < 5; ++i) say.give(i);
    say.act([]() -> std::optional<int> {
        raise();
        return 0;
    });
    auto job = say.source() | ps::parallel("same", [](int n) { return n; }) | end();
    const ps::report done = settled_run(job);
    EXPECT_EQ(done.reason, ps::end_reason::failed);
    EXPECT_EQ(done.count(ps::outcome::committed), 5U);
    EXPECT_NE(done.detail.find("'script' failed after 5 items"), std::string::npos) << done.detail;
    EXPECT_TRUE(tells(done.detail)) << done.detail;
}

TEST_P(hooks, O9_a_dead_letter_sink_that_throws_fails_the_run_and_the_first_error_is_kept) {
    auto job = ten() | ps::serial("fussy", fussy) | end();
    int letters = 0;
    const ps::report done = settled_run(job, {.dead_letters = [&](const ps::dead_letter&) {
                                            if (++letters > 1) throw std::runtime_error("a later one");
                                            raise();
                                        }});
    EXPECT_EQ(done.reason, ps::end_reason::failed);
    EXPECT_NE(done.detail.find("the dead-letter sink failed for item 1: "), std::string::npos) << done.detail;
    EXPECT_TRUE(tells(done.detail)) << done.detail;
    EXPECT_EQ(done.count(ps::outcome::dead), static_cast<std::uint64_t>(letters));
}

class raising_letters final : public ps::dead_letter_sink::writer {
public:
    raising_letters(void (*at_open)(), void (*at_close)()) : at_open_(at_open), at_close_(at_close) {}
    void open() override {
        if (at_open_ != nullptr) at_open_();
    }
    void write(const ps::dead_letter&) override {}
    void close() override {
        if (at_close_ != nullptr) at_close_();
    }

private:
    void (*at_open_)();
    void (*at_close_)();
};

TEST_P(hooks, O10_a_dead_letter_sink_that_cannot_be_closed_fails_the_run) {
    auto job = ten() | ps::serial("fussy", fussy) | end();
    const ps::dead_letter_sink sink(std::make_shared<raising_letters>(nullptr, GetParam().raise));
    const ps::report done = settled_run(job, {.dead_letters = sink});
    EXPECT_EQ(done.reason, ps::end_reason::failed);
    EXPECT_EQ(done.count(ps::outcome::dead), 3U);
    EXPECT_NE(done.detail.find("when it was closed"), std::string::npos) << done.detail;
    EXPECT_TRUE(tells(done.detail)) << done.detail;
}

TEST_P(hooks, O9_a_dead_letter_sink_that_throws_when_it_is_opened_stops_the_run_before_it_begins) {
    ps::testing::script<int> say;
    auto job = say.give(1).source() | end();
    const ps::dead_letter_sink sink(std::make_shared<raising_letters>(GetParam().raise, GetParam().raise));
    expect_not_begun(job, {.dead_letters = sink}, "the dead-letter sink could not be made ready: ");
    EXPECT_EQ(say.asked(), 0U);
    EXPECT_TRUE(settled_run(job).clean()) << "the pipeline is free again";
}

/// Numbers that cannot be counted now and then.
struct raising_range {
    const int* begin() const {
        if (*at_begin != nullptr) (*at_begin)();
        return numbers;
    }
    const int* end() const { return numbers + 3; }

    void (**at_begin)();
    int numbers[3] = {1, 2, 3};
};

TEST_P(hooks, O9_a_source_that_throws_when_it_is_opened_stops_the_run_before_it_begins) {
    void (*at_begin)() = GetParam().raise;
    auto job = ps::from(raising_range{&at_begin}) | end();
    expect_not_begun(job, {}, "the source 'from' could not be made ready: ");
    at_begin = nullptr;
    EXPECT_EQ(settled_run(job).count(ps::outcome::committed), 3U) << "the pipeline is free again";
}

/// Counts its calls.
class counted_letters final : public ps::dead_letter_sink::writer {
public:
    void open() override {
        ++opened;
        if (fail) fail();
    }
    void write(const ps::dead_letter&) override {}
    void close() override { ++closed; }

    void (*fail)() = nullptr;
    int opened = 0;
    int closed = 0;
};

TEST(dead_letter_writer, is_closed_only_if_it_was_opened) {
    const auto letters = std::make_shared<counted_letters>();
    const ps::dead_letter_sink sink(letters);
    const auto refused = [&](ps::pipeline&& job, const std::string& ledger = {}) {
        EXPECT_ANY_THROW(job.run({.dead_letters = sink, .ledger = ledger}));
        return std::pair(letters->opened, letters->closed);
    };
    const auto job = [] { return ps::from({1}) | ps::serial("none", [](int) {}); };
    EXPECT_EQ(refused(job(), "no such chain"), std::pair(0, 0));
    letters->fail = [] { throw std::runtime_error("no room"); };
    EXPECT_EQ(refused(job()), std::pair(1, 0));
    letters->fail = nullptr;
    EXPECT_EQ(refused(ps::lines("/no/such/file") | ps::serial("none", [](const std::string&) {})), std::pair(2, 1));
    EXPECT_TRUE(settled_run(job(), {.dead_letters = sink}).clean());
    EXPECT_EQ(std::pair(letters->opened, letters->closed), std::pair(3, 2));
}

class raising_log final : public spdlog::sinks::sink {
public:
    explicit raising_log(void (*raise)()) : raise_(raise) {}
    void log(const spdlog::details::log_msg&) override {
        ++calls;
        raise_();
    }
    void flush() override {}
    void set_pattern(const std::string&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

    std::atomic<int> calls{0};

private:
    void (*raise_)();
};

TEST_P(hooks, O9_a_progress_callback_and_a_logger_that_throw_do_no_harm) {
    const auto log = std::make_shared<raising_log>(GetParam().raise);
    const auto logger = std::make_shared<spdlog::logger>("penstock", log);
    logger->set_error_handler([](const std::string&) { throw std::runtime_error("the error handler throws too"); });
    spdlog::register_logger(logger);
    std::atomic<int> shown{0};
    ps::testing::script<int> say;
    auto job = say.give(1).block().give(2).source() | end();
    std::jthread releaser([&] {
        while (log->calls == 0) std::this_thread::yield();
        say.release();
    });
    const ps::report done = settled_run(job, {.progress =
                                                  [&](const ps::metrics_snapshot&) {
                                                      ++shown;
                                                      raise();
                                                  },
                                              .progress_every = 1ms});
    spdlog::drop("penstock");
    EXPECT_TRUE(done.clean()) << done;
    EXPECT_EQ(done.taken(), 2U);
    EXPECT_EQ(shown, 1);
}

INSTANTIATE_TEST_SUITE_P(throw, hooks,
                         ::testing::Values(throwable{"int", [] { throw 42; }, "no std::exception"},
                                           throwable{"std_exception", [] { throw std::runtime_error("my reason"); },
                                                     "my reason"},
                                           throwable{"bad_alloc", [] { throw std::bad_alloc(); }, ""}),
                         [](const auto& chosen) { return chosen.param.name; });

}  // namespace
