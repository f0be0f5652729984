#include <signal.h>

#include <chrono>

#include "postgresql_store.hpp"
#include "stages/store/connection.hpp"
#include "tests/patience.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr store_options at_once{.create_table = true, .max_age = 1ms};

struct postgresql_fault_test : ::testing::Test {
    own_schema schema;

    /// Makes a table in which a row with this symbol runs a statement, some times; before the row goes in, or at
    /// COMMIT.
    void make_trap(const std::string& symbol, const std::string& statement, bool at_commit, int times = 1'000'000) {
        schema.other.run(
            "create table quotes(symbol text, price float8, at_ms bigint); create sequence sprung;"
            "create function spring() returns trigger language plpgsql as $$ begin if new.symbol = '"
            + symbol + "' and nextval('sprung') <= " + std::to_string(times) + " then perform " + statement
            + "; end if; return new; end $$;"
            + (at_commit ? "create constraint trigger trap after insert on quotes deferrable initially deferred"
                         : "create trigger trap before insert on quotes")
            + " for each row execute function spring()");
    }
    std::size_t settled(const fake_run& run) {
        return run.count(outcome::committed) + run.count(outcome::dead) + run.count(outcome::in_doubt)
               + run.count(outcome::abandoned);
    }
    /// Says if one of the store's statements waits for a lock.
    bool wait_until_blocked() {
        return schema.other.wait_for("select count(*) from pg_stat_activity where application_name = '" + schema.name
                                         + "' and wait_event_type = 'Lock'",
                                     "1");
    }
};

TEST_F(postgresql_fault_test, P3_a_backend_that_is_ended_in_the_middle_of_a_copy_costs_another_try) {
    make_trap("end", "pg_terminate_backend(pg_backend_pid())", false, 2);
    postgresql_store<quote> store(schema.url(), quotes(), {.max_age = 1ms});
    store.begin().give({{"B", 1, 2}, {"end", 1, 3}});
    ASSERT_TRUE(store.wait());
    EXPECT_EQ(store.run.count(outcome::committed), 1U) << store.run.failed();
    EXPECT_EQ(schema.other.ask("select symbol from quotes order by 1"), (std::vector<std::string>{"B", "end"}));
}

TEST_F(postgresql_fault_test, P3_a_backend_that_is_ended_each_time_fails_the_run_in_time) {
    make_trap("end", "pg_terminate_backend(pg_backend_pid())", false);
    postgresql_store<quote> store(database(schema.url(), {.retry_for = 300ms}), quotes(), {.max_age = 1ms});
    store.begin().give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    store.give({{"B", 1, 2}, {"end", 1, 3}});
    ASSERT_TRUE(store.wait());
    EXPECT_TRUE(holds(store.run.failed(), "database_lost: postgresql://postgres@127.0.0.1"));
    EXPECT_TRUE(holds(store.run.failed(), "57P01"));
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
    EXPECT_EQ(store.run.count(outcome::abandoned), 1U);
    EXPECT_EQ(store.run.count(outcome::dead), 0U);
    EXPECT_EQ(schema.other.ask("select symbol from quotes"), std::vector<std::string>{"A"});
}

TEST_F(postgresql_fault_test, P3_backends_that_are_ended_between_and_amid_batches_cost_no_row) {
    postgresql_store<quote> store(schema.url(), quotes(), {.create_table = true, .max_rows = 20, .max_age = 1ms});
    store.begin();
    constexpr std::int64_t items = 500;
    for (std::int64_t i = 0; i < items; ++i) {
        store.give({{"A", 1, 2 * i}, {"A", 1, 2 * i + 1}});
        if (i % 25 == 0)
            schema.other.run(
                "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
                " and application_name = '"
                + schema.name + "'");
    }
    ASSERT_TRUE(store.wait());
    store.finish();
    const std::size_t committed = store.run.count(outcome::committed);
    const std::size_t in_doubt = store.run.count(outcome::in_doubt);
    EXPECT_EQ(committed + in_doubt, std::size_t(items)) << store.run.failed();
    const std::size_t rows = std::stoul(schema.other.value("select count(*) from quotes"));
    EXPECT_GE(rows, 2 * committed);
    EXPECT_LE(rows, 2 * (committed + in_doubt));
}

TEST_F(postgresql_fault_test, P4_a_commit_whose_answer_was_lost_is_in_doubt_item_by_item) {
    make_trap("end", "pg_terminate_backend(pg_backend_pid())", true);
    postgresql_store<quote> store(schema.url(), quotes(), one_batch);
    store.begin().give_together({{{"A", 1, 1}}, {{"end", 1, 3}}, {}});
    store.finish();
    EXPECT_EQ(store.run.count(outcome::in_doubt), 3U);
    EXPECT_EQ(store.run.failed(), "") << "the run goes on";
    EXPECT_TRUE(holds(store.run.settled().at(0).reason, "database_in_doubt: postgresql://")) << "a letter for each";
}

TEST_F(postgresql_fault_test, O3_an_abandoned_run_does_not_wait_for_a_lock) {
    postgresql_store<quote> store(schema.url(), quotes(), at_once);
    store.begin();
    schema.other.run("begin; lock table quotes");
    store.give({{"A", 1, 1}});
    ASSERT_TRUE(wait_until_blocked());
    store.give({{"A", 1, 2}});
    const auto began = steady_clock::now();
    store.abandon();
    ASSERT_TRUE(store.wait());
    store.finish();
    EXPECT_LT(steady_clock::now() - began, promptly);
    EXPECT_EQ(store.run.count(outcome::abandoned), 2U);
    EXPECT_EQ(store.run.failed(), "");
    schema.other.run("rollback");
    EXPECT_EQ(schema.other.value("select count(*) from quotes"), "0");
}

TEST_F(postgresql_fault_test, P5_a_commit_that_hangs_is_in_doubt_when_the_run_is_abandoned) {
    make_trap("A", "pg_advisory_xact_lock(hashtext('" + schema.name + "'))", true);
    schema.other.run("begin; select pg_advisory_xact_lock(hashtext('" + schema.name + "'))");
    postgresql_store<quote> store(schema.url(), quotes(), {.max_age = 1ms});
    store.begin().give({{"A", 1, 1}});
    ASSERT_TRUE(wait_until_blocked());
    const auto began = steady_clock::now();
    store.abandon();
    ASSERT_TRUE(store.wait());
    EXPECT_LT(steady_clock::now() - began, promptly);
    EXPECT_EQ(store.run.count(outcome::in_doubt), 1U);
    EXPECT_EQ(store.run.failed(), "") << "the run has its own reason";
}

TEST_F(postgresql_fault_test, an_interrupted_connection_stays_so) {
    const auto to = detail::connect(database(schema.url()), {quotes().spec()}, {.create_table = true});
    const detail::encoded_rows row{.bytes = "A\t1\t1\n", .rows = 1};
    const std::vector<const detail::encoded_rows*> items{&row};
    EXPECT_EQ(to->write(items).how, detail::write_end::committed);
    to->interrupt();
    EXPECT_EQ(to->write(items).how, detail::write_end::interrupted);
    EXPECT_EQ(to->write(items).how, detail::write_end::interrupted);
    EXPECT_EQ(schema.other.value("select count(*) from quotes"), "1");
}

TEST_F(postgresql_fault_test, P6_a_lock_that_stays_fails_the_run_in_time_and_blames_no_row) {
    postgresql_store<quote> store(database(schema.url() + "%20-clock_timeout%3D50", {.retry_for = 500ms}), quotes(),
                                  at_once);
    store.begin();
    schema.other.run("begin; lock table quotes");
    store.give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_TRUE(holds(store.run.failed(), "database_locked: postgresql://"));
    EXPECT_TRUE(holds(store.run.failed(), "55P03"));
    EXPECT_EQ(store.run.count(outcome::dead), 0U);
    EXPECT_EQ(store.run.count(outcome::abandoned), 1U);
}

TEST_F(postgresql_fault_test, P6_deadlocks_and_conflicts_of_transactions_are_tried_again) {
    for (const std::string state : {"40P01", "40001", "55P03", "57014"}) {
        make_trap("A", "fail()", false, 2);
        schema.other.run("create function fail() returns int language plpgsql as $$ begin raise sqlstate '" + state
                         + "'; end $$");
        {
            postgresql_store<quote> store(schema.url(), quotes(), {.max_age = 1ms});
            store.begin().give({{"A", 1, 1}, {"B", 1, 1}});
            ASSERT_TRUE(store.wait());
            EXPECT_EQ(store.run.count(outcome::committed), 1U) << state << store.run.failed();
        }
        EXPECT_EQ(schema.other.value("select count(*) from quotes"), "2") << state;
        schema.other.run("drop table quotes; drop sequence sprung; drop function spring, fail");
    }
}

TEST_F(postgresql_fault_test, P7_a_statement_timeout_does_not_count_the_time_that_a_slow_feed_takes) {
    postgresql_store<quote> store(database(schema.url(), {.statement_timeout = 300ms}), quotes(),
                                  {.create_table = true, .max_age = 700ms});
    store.begin().give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait()) << "the batch waited for more for longer than a statement may take";
    EXPECT_EQ(store.run.count(outcome::committed), 1U) << store.run.failed();
}

TEST_F(postgresql_fault_test, P7_a_statement_that_takes_too_long_blames_no_row) {
    make_trap("slow", "pg_sleep(60)", false);
    postgresql_store<quote> store(database(schema.url(), {.retry_for = 200ms, .statement_timeout = 100ms}), quotes(),
                                  {.max_age = 1ms});
    store.begin().give({{"slow", 1, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_TRUE(holds(store.run.failed(), "57014"));
    EXPECT_EQ(store.run.count(outcome::dead), 0U);
}

TEST_F(postgresql_fault_test, P8_a_disk_that_stays_full_fails_the_run_after_three_tries) {
    make_trap("A", "fail()", false);
    schema.other.run("create function fail() returns int language plpgsql as $$ begin raise sqlstate '53100'; end $$");
    postgresql_store<quote> store(schema.url(), quotes(), {.max_age = 1ms});
    store.begin().give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_TRUE(holds(store.run.failed(), "database_full: postgresql://"));
    EXPECT_EQ(store.run.count(outcome::abandoned), 1U);
    EXPECT_EQ(schema.other.value("select last_value from sprung"), "3");
}

TEST_F(postgresql_fault_test, P5_a_backend_that_is_stopped_is_given_up_for_another) {
    postgresql_store<quote> store(database(schema.url(), {.answer_timeout = 2s}), quotes(), at_once);
    store.begin().give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    const int backend =
        std::stoi(schema.other.value("select pid from pg_stat_activity where pid <> pg_backend_pid()"
                                     " and application_name = '"
                                     + schema.name + "'"));
    if (::kill(backend, SIGSTOP) != 0) GTEST_SKIP() << "the server belongs to another user";
    store.give({{"B", 1, 2}});
    const bool settled = store.wait();
    ::kill(backend, SIGCONT);
    ASSERT_TRUE(settled);
    EXPECT_EQ(store.run.count(outcome::committed), 2U) << store.run.failed();
    EXPECT_EQ(schema.other.value("select count(*) from quotes"), "2");
}

TEST_F(postgresql_fault_test, P12_a_table_that_was_dropped_ends_the_run) {
    postgresql_store<quote> store(schema.url(), quotes(), at_once);
    store.begin();
    schema.other.run("drop table quotes");
    store.give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_TRUE(holds(store.run.failed(), "database_changed: postgresql://"));
    EXPECT_TRUE(holds(store.run.failed(), "42P01 relation \"quotes\" does not exist"));
    EXPECT_EQ(store.run.count(outcome::dead), 0U);
}

TEST_F(postgresql_fault_test, P12_a_column_that_was_added_disturbs_nobody) {
    postgresql_store<quote> store(schema.url(), quotes(), at_once);
    store.begin();
    schema.other.run("alter table quotes add column note text");
    store.give({{"A", 1, 1}});
    store.finish();
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
}

TEST_F(postgresql_fault_test, abandoning_at_any_moment_settles_every_item_once_and_truly) {
    for (int round = 0; round < 10; ++round) {
        schema.other.run("drop table if exists quotes");
        postgresql_store<quote> store(schema.url(), quotes(), {.create_table = true, .max_rows = 20, .max_age = 1ms});
        store.begin();
        std::thread other([&] {
            store.run.wait_for(static_cast<std::size_t>(round * 30));
            store.abandon();
        });
        for (int i = 0; i < 300; ++i) store.give({{"A", 1, 2 * i}, {"A", 1, 2 * i + 1}});
        other.join();
        ASSERT_TRUE(store.wait());
        store.finish();
        EXPECT_EQ(settled(store.run), 300U);
        const std::size_t rows = std::stoul(schema.other.value("select count(*) from quotes"));
        EXPECT_GE(rows, 2 * store.run.count(outcome::committed));
        EXPECT_LE(rows, 2 * (store.run.count(outcome::committed) + store.run.count(outcome::in_doubt)));
    }
}

}  // namespace
}  // namespace penstock::testing
