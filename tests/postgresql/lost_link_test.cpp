#include <ranges>
#include <stop_token>

#include "penstock/compose.hpp"
#include "penstock/errors.hpp"
#include "penstock/sources/from.hpp"
#include "relay_fixture.hpp"
#include "tests/account.hpp"
#include "tests/patience.hpp"

namespace penstock::testing {
namespace {

using lost_link_test = relay_fixture;
using strings = std::vector<std::string>;

TEST_F(lost_link_test, P15_a_link_cut_while_idle_is_made_anew_with_its_settings) {
    schema.other.run(
        "create table quotes(symbol text, price float8, at_ms bigint, settings text default"
        " current_setting('lock_timeout') || ' ' || current_setting('statement_timeout') || ' '"
        " || current_setting('datestyle') || ' ' || current_setting('client_encoding'))");
    auto store = store_through({.lock_timeout = 1234ms, .statement_timeout = 5678ms}, {.max_age = 1ms});
    store.begin().give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    between.cut_all();
    store.give({{"B", 1, 2}});
    ASSERT_TRUE(store.wait());
    EXPECT_EQ(store.run.count(outcome::committed), 2U);
    EXPECT_EQ(schema.other.ask("select symbol, settings from quotes order by 1"),
              (strings{"A|1234ms 5678ms ISO, MDY UTF8", "B|1234ms 5678ms ISO, MDY UTF8"}));
}

TEST_F(lost_link_test, P2_a_batch_whose_link_is_cut_before_its_commit_goes_in_once) {
    for (const moment when : {moment::begin, moment::copy, moment::copy_data}) {
        auto store = store_through();
        store.begin();
        between.strike(when, fate::cut);
        store.give_together({{{"A", 1, 1}}, {{"B", 1, 2}, {"B", 1, 3}}});
        ASSERT_TRUE(store.wait());
        EXPECT_EQ(store.run.count(outcome::committed), 2U) << static_cast<int>(when);
        EXPECT_EQ(symbols(), (strings{"A", "B", "B"}));
        schema.other.run("drop table quotes");
    }
}

TEST_F(lost_link_test, P2_a_link_that_is_cut_again_while_it_is_made_anew_is_made_once_more) {
    auto store = store_through();
    store.begin();
    between.play(
        [](moment now, std::size_t before) { return now == moment::startup && before < 2 ? fate::cut : fate::pass; });
    between.cut_all();
    store.give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
    EXPECT_EQ(between.links(), 4U);
}

TEST_F(lost_link_test, P4_a_commit_that_is_lost_before_any_row_was_sent_is_no_doubt) {
    auto store = store_through();
    store.begin();
    between.strike(moment::commit, fate::cut);  // That of the checks on the new link.
    between.cut_all();
    store.give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
    EXPECT_EQ(between.links(), 3U);
}

TEST_F(lost_link_test, P4_a_commit_that_the_server_never_saw_is_in_doubt_and_not_sent_again) {
    auto store = store_through();
    store.begin();
    between.strike(moment::commit, fate::cut);
    store.give_together({{{"A", 1, 1}}, {{"B", 1, 2}}});
    ASSERT_TRUE(store.wait());
    store.give({{"C", 1, 3}});
    ASSERT_TRUE(store.wait());
    EXPECT_EQ(store.run.count(outcome::in_doubt), 2U);
    EXPECT_EQ(store.run.count(outcome::committed), 1U) << "the run goes on, on a new link";
    EXPECT_TRUE(holds(store.run.settled().at(1).reason, "database_in_doubt: postgresql://postgres@127.0.0.1"));
    EXPECT_EQ(store.run.failed(), "");
    EXPECT_EQ(symbols(), strings{"C"});
}

TEST_F(lost_link_test, P4_a_commit_whose_answer_was_lost_is_in_doubt_and_not_sent_again) {
    auto store = store_through();
    store.begin();
    between.strike(moment::commit_answer, fate::cut);
    store.give_together({{{"A", 1, 1}}, {{"B", 1, 2}}});
    ASSERT_TRUE(store.wait());
    store.give({{"C", 1, 3}});
    ASSERT_TRUE(store.wait());
    EXPECT_EQ(store.run.count(outcome::in_doubt), 2U);
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
    EXPECT_EQ(symbols(), (strings{"A", "B", "C"})) << "the server had it, once";
}

TEST_F(lost_link_test, P2_a_server_that_stays_away_fails_the_run_in_time_and_is_not_pestered) {
    auto store = store_through({.retry_for = 1s});
    store.begin();
    between.refuse(true);
    between.cut_all();
    const std::size_t links = between.links();
    store.give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_TRUE(holds(store.run.failed(), "database_lost: postgresql://postgres@127.0.0.1"));
    EXPECT_EQ(store.run.count(outcome::abandoned), 1U);
    EXPECT_EQ(store.run.count(outcome::dead), 0U);
    EXPECT_GE(between.links() - links, 3U);
    EXPECT_LE(between.links() - links, 12U) << "50 ms, 100 ms, 200 ms, … half as long at the least";
}

TEST_F(lost_link_test, O3_an_abandon_ends_the_wait_for_a_server_that_is_away) {
    auto store = store_through({.retry_for = 1h});
    store.begin();
    between.refuse(true);
    between.cut_all();
    const std::size_t links = between.links();
    store.give({{"A", 1, 1}});
    ASSERT_TRUE(becomes_true([&] { return between.links() > links + 3; }));
    const auto began = steady_clock::now();
    store.abandon();
    ASSERT_TRUE(store.wait());
    EXPECT_LT(steady_clock::now() - began, promptly);
    EXPECT_EQ(store.run.count(outcome::abandoned), 1U);
}

TEST_F(lost_link_test, X4_neither_a_doubt_nor_a_lost_server_shows_the_password) {
    schema.other.run("create table quotes(symbol text, price float8, at_ms bigint); grant usage on schema "
                     + schema.name + " to with_password; grant insert on quotes to with_password");
    postgresql_store<quote> store(
        database(between.url(schema.url("with_password:planted-marker")), {.retry_for = 200ms}), quotes(),
        {.max_age = 1ms});
    store.begin();
    between.strike(moment::commit, fate::cut);
    store.give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    between.refuse(true);
    between.cut_all();
    store.give({{"A", 1, 2}});
    ASSERT_TRUE(store.wait());
    const std::string said = store.run.settled().at(0).reason + store.run.failed();
    EXPECT_TRUE(holds(said, "database_in_doubt: postgresql://with_password@127.0.0.1"));
    EXPECT_TRUE(holds(said, "database_lost: postgresql://with_password@127.0.0.1"));
    EXPECT_EQ(said.find("planted-marker"), said.npos);
}

TEST_F(lost_link_test, O2_a_stopped_run_waits_for_a_server_that_is_away_no_longer_than_it_may_drain) {
    auto job = from(std::views::iota(std::int64_t{0}))
               | parallel("quote",
                          [](std::int64_t i) {
                              return quote{"A", 1, i};
                          })
               | store(through({.retry_for = 1h}), quotes(), {.create_table = true, .max_rows = 10, .max_age = 1ms});
    std::stop_source stop;
    std::thread trouble([&] {
        EXPECT_TRUE(becomes_true([&] { return between.count(moment::commit) > 5; }));
        between.refuse(true);
        between.cut_all();
        const std::size_t links = between.links();
        EXPECT_TRUE(becomes_true([&] { return between.links() > links + 2; }));
        stop.request_stop();
    });
    const report done = settled_run(job, {.queue_size = 100, .drain_timeout = 300ms, .stop = stop.get_token()});
    trouble.join();
    EXPECT_EQ(done.reason, end_reason::stopped) << done;
    EXPECT_EQ(done.count(outcome::dead), 0U) << done;
    EXPECT_GT(done.count(outcome::abandoned), 0U) << done;
    EXPECT_LE(done.count(outcome::abandoned), 100U) << "the queue is the bound on what waits" << done;
    EXPECT_GE(std::stoull(rows()), done.count(outcome::committed));
}

TEST_F(lost_link_test, P12_a_table_that_is_gone_when_the_link_is_back_fails_the_run_and_is_not_made_again) {
    auto store = store_through();
    store.begin();
    schema.other.run("drop table quotes");
    between.cut_all();
    store.give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_TRUE(holds(store.run.failed(), "database_changed: table quotes in postgresql://postgres@127.0.0.1"));
    EXPECT_EQ(schema.other.value("select to_regclass('quotes') is null"), "t");
}

TEST_F(lost_link_test, P2_a_merge_goes_on_with_a_temporary_table_of_the_new_link) {
    auto store = store_through({}, {.create_table = true, .conflicts = conflict_policy::update, .max_age = 1ms});
    store.begin().give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    between.cut_all();
    store.give({{"A", 2, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_EQ(store.run.count(outcome::committed), 2U);
    EXPECT_EQ(schema.other.value("select price from quotes"), "2");
}

TEST_F(lost_link_test, P9_an_item_that_is_refused_after_the_link_was_lost_is_dead_by_itself) {
    auto store = store_through();
    store.begin();
    between.play([](moment now, std::size_t before) {
        return now == moment::copy && before == 1 ? fate::cut : fate::pass;  // In the second pass, that finds it.
    });
    store.give_together({{{"A", 1, 1}}, {{"A", 1, 1}}, {{"B", 1, 2}}});
    ASSERT_TRUE(store.wait());
    EXPECT_EQ(store.run.count(outcome::committed), 2U);
    EXPECT_EQ(store.run.count(outcome::dead), 1U);
    EXPECT_EQ(symbols(), (strings{"A", "B"}));
}

TEST_F(lost_link_test, P6_a_lock_that_outlasts_its_timeouts_only_holds_the_batch_up) {
    auto store = store_through({.lock_timeout = 20ms});
    store.begin();
    schema.other.run("begin; lock table quotes");
    store.give({{"A", 1, 1}});
    EXPECT_TRUE(becomes_true([&] { return between.count(moment::copy) >= 4; })) << "the lock is asked for again";
    EXPECT_EQ(store.run.settled().size(), 0U);
    schema.other.run("rollback");
    ASSERT_TRUE(store.wait());
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
    EXPECT_EQ(between.links(), 1U) << "the link was never in question";
    EXPECT_GE(store.run.metrics().store.retries.load(), 2U) << "one of the four was at preflight";
}

TEST_F(lost_link_test, P11_a_server_without_a_connection_to_spare_is_asked_again) {
    schema.other.run("create role " + schema.name + " login; grant all on schema " + schema.name + " to "
                     + schema.name);
    const auto limit = [&](int most) {
        schema.other.run("alter role " + schema.name + " connection limit " + std::to_string(most));
    };
    {
        limit(0);
        postgresql_store<quote> store(database(between.url(schema.url(schema.name)), {.connect_timeout = 20s}),
                                      quotes(), at_once);
        std::thread later([&] {
            EXPECT_TRUE(becomes_true([&] { return between.links() >= 2; }));
            limit(-1);
        });
        store.begin().give({{"A", 1, 1}});
        later.join();
        ASSERT_TRUE(store.wait());
        limit(0);
        between.cut_all();
        const std::size_t links = between.links();
        store.give({{"B", 1, 2}});
        EXPECT_TRUE(becomes_true([&] { return between.links() >= links + 2; }));
        limit(-1);
        ASSERT_TRUE(store.wait());
        EXPECT_EQ(store.run.count(outcome::committed), 2U);
    }
    limit(0);
    const std::string message =
        postgresql_store<quote>(database(schema.url(schema.name), {.connect_timeout = 200ms}), quotes(), {})
            .preflight_message();
    EXPECT_TRUE(holds(message, "53300 too many connections for role"));
    schema.other.run("drop owned by " + schema.name + "; drop role " + schema.name);
}

}  // namespace
}  // namespace penstock::testing
