#include <future>
#include <stop_token>

#include "relay_fixture.hpp"
#include "stages/store/connection.hpp"
#include "tests/patience.hpp"

namespace penstock::testing {
namespace {

struct silence_test : relay_fixture {
    /// How a preflight ended that somebody wants to stop once the relay says so.
    template <class Reached>
    std::string stopped_preflight(database_options options, Reached&& reached) {
        std::stop_source stop;
        auto message = std::async(std::launch::async, [&]() -> std::string {
            try {
                (void)detail::connect(through(options), {quotes().spec()}, at_once, stop.get_token());
            } catch (const preflight_failed& why) {
                return why.what();
            }
            return "it opened";
        });
        EXPECT_TRUE(becomes_true(reached));
        const auto began = steady_clock::now();
        stop.request_stop();
        std::string said = message.get();
        EXPECT_LT(steady_clock::now() - began, promptly);
        return said;
    }
};

constexpr database_options impatient{.connect_timeout = std::chrono::seconds(2),
                                     .answer_timeout = std::chrono::seconds(2)};
constexpr database_options endless{.connect_timeout = std::chrono::hours(1), .answer_timeout = std::chrono::hours(1)};

TEST_F(silence_test, P5_a_server_that_is_silent_at_commit_is_cut_off_and_the_batch_is_in_doubt) {
    for (const moment when : {moment::commit, moment::commit_answer}) {
        auto store = store_through(impatient);
        store.begin();
        between.strike(when, fate::freeze);
        store.give_together({{{"A", 1, 1}}, {{"B", 1, 2}}});
        ASSERT_TRUE(store.wait());
        store.give({{"C", 1, 3}});
        ASSERT_TRUE(store.wait());
        EXPECT_EQ(store.run.count(outcome::in_doubt), 2U);
        EXPECT_EQ(store.run.count(outcome::committed), 1U);
        EXPECT_TRUE(holds(store.run.settled().at(0).reason, "the server was silent for 2000 ms"));
        EXPECT_EQ(rows(), when == moment::commit ? "1" : "3");
        between.cut_all();  // The frozen backend holds its locks.
        schema.other.run("truncate quotes");
    }
}

TEST_F(silence_test, P5_a_server_that_is_silent_before_commit_is_cut_off_and_the_batch_goes_in_once) {
    for (const moment when : {moment::begin, moment::copy, moment::copy_data}) {
        auto store = store_through(impatient);
        store.begin();
        between.strike(when, fate::freeze);
        store.give({{"A", 1, 1}, {"B", 1, 2}});
        ASSERT_TRUE(store.wait());
        EXPECT_EQ(store.run.count(outcome::committed), 1U) << static_cast<int>(when) << store.run.failed();
        EXPECT_EQ(rows(), "2");
        between.cut_all();  // The frozen backend holds its locks.
        schema.other.run("truncate quotes");
    }
}

TEST_F(silence_test, P5_a_new_try_waits_for_the_keys_of_a_frozen_one_and_goes_in_once) {
    schema.other.run("create table quotes(symbol text, price float8, at_ms bigint, primary key (symbol, at_ms))");
    auto store = store_through({.answer_timeout = 2s, .lock_timeout = 100ms}, one_batch);
    store.begin();
    // The first part of the COPY, which the server has when the second is held up, is more than it keeps to itself.
    between.play([](moment now, std::size_t before) {
        return now == moment::copy_data && before == 1 ? fate::freeze : fate::pass;
    });
    std::vector<quote> many;
    for (std::int64_t i = 0; i < 40'000; ++i) many.push_back({"frozen", 1, i});
    store.give(many);
    std::thread finish([&] { store.finish(); });
    EXPECT_TRUE(becomes_true([&] { return between.count(moment::copy) >= 4; })) << "the lock is asked for again";
    EXPECT_EQ(store.run.count(outcome::committed) + store.run.count(outcome::dead), 0U);
    between.play({});
    // The frozen backend is let go, and finds its client gone.
    between.thaw();
    finish.join();
    EXPECT_EQ(store.run.count(outcome::committed), 1U) << store.run.failed();
    EXPECT_EQ(rows(), "40000");
}

TEST_F(silence_test, P5_a_link_that_is_silent_when_it_is_made_anew_is_given_up_for_another) {
    auto store = store_through(impatient);
    store.begin();
    between.strike(moment::startup, fate::freeze);
    between.cut_all();
    store.give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
}

TEST_F(silence_test, P1_a_server_that_is_silent_is_told_before_the_run_in_time) {
    for (const moment when : {moment::startup, moment::begin, moment::copy, moment::commit}) {
        between.strike(when, fate::freeze);
        const auto began = steady_clock::now();
        const std::string message = store_through(impatient).preflight_message();
        EXPECT_LT(steady_clock::now() - began, 20s);
        EXPECT_TRUE(holds(message, when == moment::startup ? "did not let us in" : "silent for 2000 ms"));
        between.cut_all();  // The frozen backend holds its locks.
    }
}

TEST_F(silence_test, O3_a_stop_ends_a_preflight_that_waits_for_a_silent_server) {
    for (const moment when : {moment::startup, moment::begin, moment::copy}) {
        between.strike(when, fate::freeze);
        const std::size_t before = between.count(when);
        EXPECT_TRUE(holds(stopped_preflight(endless, [&] { return between.count(when) > before; }),
                          "the wait for the server was ended"));
    }
}

TEST_F(silence_test, O3_a_stop_ends_a_preflight_that_waits_for_a_lock) {
    schema.other.run("create table quotes(symbol text, price float8, at_ms bigint); begin; lock table quotes");
    EXPECT_TRUE(
        holds(stopped_preflight(endless,
                                [&] {
                                    schema.other.run("select pg_stat_clear_snapshot()");
                                    return schema.other.value(
                                               "select count(*) from pg_stat_activity where application_name = '"
                                               + schema.name + "' and wait_event_type = 'Lock'")
                                           == "1";
                                }),
              "the wait for the server was ended"));
}

TEST_F(silence_test, P5_an_abandon_does_not_wait_for_a_frozen_server) {
    auto store = store_through(endless);
    store.begin();
    between.strike(moment::copy_data, fate::freeze);
    store.give({{"A", 1, 1}});
    ASSERT_TRUE(becomes_true([&] { return between.count(moment::copy_data) > 0; }));
    const auto began = steady_clock::now();
    store.abandon();
    ASSERT_TRUE(store.wait());
    EXPECT_LT(steady_clock::now() - began, promptly);
    EXPECT_EQ(store.run.count(outcome::abandoned), 1U);
}

TEST_F(silence_test, a_slow_link_is_no_silent_one) {
    auto store = store_through({.answer_timeout = 5s});
    store.begin();
    between.delay(5ms);
    for (std::int64_t i = 0; i < 5; ++i) {
        store.give({{"A", 1, i}});
        ASSERT_TRUE(store.wait());
    }
    EXPECT_EQ(store.run.count(outcome::committed), 5U);
    EXPECT_EQ(between.links(), 1U);
}

}  // namespace
}  // namespace penstock::testing
