#include <set>

#include "relay_fixture.hpp"
#include "tests/patience.hpp"

namespace penstock::testing {
namespace {

struct connections_test : relay_fixture {
    static constexpr store_options small{.create_table = true, .max_rows = 10, .max_age = std::chrono::milliseconds(1)};

    std::string sessions() const {
        return schema.other.value(
            "select count(*) from pg_stat_activity where pid <> pg_backend_pid()"
            " and application_name = '"
            + schema.name + "'");
    }
    void give_many(postgresql_store<quote>& store, std::int64_t items) {
        for (std::int64_t i = 0; i < items; ++i) {
            store.give({{"A", 1, given_}, {"B", 1, given_}});
            ++given_;
        }
    }
    std::string table_as_one() const {
        return schema.other.value("select md5(string_agg(quotes::text, ',' order by symbol, at_ms)) from quotes");
    }

    std::int64_t given_ = 0;
};

TEST_F(connections_test, any_number_of_connections_makes_the_same_table) {
    std::set<std::string> tables;
    for (const std::size_t connections : {1U, 2U, 4U}) {
        given_ = 0;
        {
            auto store = store_through({.connections = connections}, small);
            store.begin();
            give_many(store, 500);
            ASSERT_TRUE(store.wait());
            store.finish();
            EXPECT_EQ(store.run.count(outcome::committed), 500U) << store.run.failed();
        }
        tables.insert(table_as_one());
        schema.other.run("drop table quotes");
    }
    EXPECT_EQ(tables.size(), 1U);
}

TEST_F(connections_test, a_batch_that_waits_for_a_lock_does_not_hold_up_the_others) {
    schema.other.run("create table quotes(symbol text, price float8, at_ms bigint, primary key (symbol, at_ms))");
    auto store = store_through({.connections = 2}, {.max_age = 1ms});
    store.begin();
    schema.other.run("begin; insert into quotes values ('key', 1, 1)");
    store.give({{"key", 1, 1}});
    ASSERT_TRUE(schema.other.wait_for("select count(*) from pg_stat_activity where application_name = '" + schema.name
                                          + "' and wait_event_type = 'Lock'",
                                      "1"));
    store.give({{"other", 1, 1}});
    EXPECT_TRUE(store.run.wait_for(1)) << "on the second connection";
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
    schema.other.run("rollback");
    ASSERT_TRUE(store.wait());
    EXPECT_EQ(store.run.count(outcome::committed), 2U);
}

TEST_F(connections_test, where_rows_replace_each_other_there_is_one_connection) {
    auto store =
        store_through({.connections = 4},
                      {.create_table = true, .conflicts = conflict_policy::update, .max_rows = 10, .max_age = 1ms});
    store.begin();
    for (std::int64_t i = 0; i < 200; ++i) store.give({{"A", static_cast<double>(i), 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_EQ(schema.other.value("select price from quotes"), "199") << "the last one stays";
    EXPECT_EQ(between.links(), 1U);
}

TEST_F(connections_test, fewer_connections_than_wished_for_starve_nothing) {
    schema.other.run("create role " + schema.name + " login connection limit 1; grant all on schema " + schema.name
                     + " to " + schema.name);
    {
        postgresql_store<quote> store(
            database(between.url(schema.url(schema.name)), {.connections = 4, .retry_for = 60s}), quotes(), small);
        store.begin();
        give_many(store, 300);
        ASSERT_TRUE(store.wait());
        store.finish();
        EXPECT_EQ(store.run.count(outcome::committed), 300U) << store.run.failed();
    }
    EXPECT_EQ(rows(), "600");
    schema.other.run("drop owned by " + schema.name + "; drop role " + schema.name);
}

TEST_F(connections_test, P2_links_that_are_cut_again_and_again_cost_no_row_on_any_connection) {
    auto store = store_through({.connections = 4}, small);
    store.begin();
    for (int round = 0; round < 10; ++round) {
        give_many(store, 50);
        between.cut_all();
    }
    ASSERT_TRUE(store.wait());
    store.finish();
    const std::size_t committed = store.run.count(outcome::committed);
    const std::size_t in_doubt = store.run.count(outcome::in_doubt);
    EXPECT_EQ(committed + in_doubt, 500U) << store.run.failed();
    const std::size_t found = std::stoul(rows());
    EXPECT_GE(found, 2 * committed);
    EXPECT_LE(found, 2 * (committed + in_doubt));
}

TEST_F(connections_test, P2_a_server_that_stays_away_fails_the_run_of_all_connections_in_time) {
    auto store = store_through({.connections = 4, .retry_for = 700ms}, small);
    store.begin();
    give_many(store, 50);
    ASSERT_TRUE(store.wait());
    between.refuse(true);
    between.cut_all();
    const std::size_t links = between.links();
    give_many(store, 50);
    ASSERT_TRUE(store.wait());
    EXPECT_TRUE(holds(store.run.failed(), "database_lost"));
    EXPECT_EQ(store.run.count(outcome::dead), 0U);
    EXPECT_LE(between.links() - links, 60U) << "no faster than one after the other";
}

TEST_F(connections_test, O3_an_abandon_ends_the_waits_of_all_connections) {
    schema.other.run("create table quotes(symbol text, price float8, at_ms bigint)");
    auto store = store_through({.connections = 3}, {.max_rows = 10, .max_age = 1ms});
    store.begin();
    schema.other.run("begin; lock table quotes");
    give_many(store, 100);
    ASSERT_TRUE(schema.other.wait_for("select count(*) > 0 from pg_stat_activity where application_name = '"
                                          + schema.name + "' and wait_event_type = 'Lock'",
                                      "t"));
    const auto began = steady_clock::now();
    store.abandon();
    ASSERT_TRUE(store.wait());
    store.finish();
    EXPECT_LT(steady_clock::now() - began, promptly);
    EXPECT_EQ(store.run.count(outcome::abandoned), 100U);
}

TEST(database_options_test, what_could_never_work_is_refused) {
    EXPECT_TRUE(holds(refusal_of([] { database("postgresql://h/d", {.connections = 0}); }), "connections is 0"));
    EXPECT_TRUE(holds(refusal_of([] { database("sqlite:x.db", {.connections = 2}); }), "one writer at a time"));
    EXPECT_TRUE(holds(refusal_of([] { database("postgresql://h/d", {.answer_timeout = 0ms}); }), "answer_timeout"));
    EXPECT_TRUE(holds(refusal_of([] { database("postgresql://h/d", {.retry_for = 25h}); }), "retry_for"));
    EXPECT_EQ(refusal_of([] { database("postgresql://h/d", {.connections = 64}); }), "");
}

}  // namespace
}  // namespace penstock::testing
