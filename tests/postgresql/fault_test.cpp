#include <chrono>
#include <filesystem>
#include <future>

#include "postgresql_store.hpp"
#include "stages/store/connection.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr store_options at_once{.create_table = true, .max_age = 1ms};

struct postgresql_fault_test : ::testing::Test {
    own_schema schema;

    /// Makes a table in which a row with this symbol runs a statement; before the row goes in, or at COMMIT.
    void make_trap(const std::string& symbol, const std::string& statement, bool at_commit) {
        schema.other.run(
            "create table quotes(symbol text, price float8, at_ms bigint);"
            "create function spring() returns trigger language plpgsql as $$ begin if new.symbol = '"
            + symbol + "' then perform " + statement + "; end if; return new; end $$;"
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

TEST_F(postgresql_fault_test, P3_a_backend_that_is_ended_in_the_middle_of_a_copy_ends_the_run) {
    make_trap("end", "pg_terminate_backend(pg_backend_pid())", false);
    postgresql_store<quote> store(schema.url(), quotes(), {.max_age = 1ms});
    store.begin().give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    store.give({{"B", 1, 2}, {"end", 1, 3}});
    ASSERT_TRUE(store.wait());
    store.give({{"C", 1, 4}});
    ASSERT_TRUE(store.wait());
    EXPECT_TRUE(holds(store.run.failed(), "database_lost: postgresql://postgres@127.0.0.1"));
    EXPECT_TRUE(holds(store.run.failed(), "57P01"));
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
    EXPECT_EQ(store.run.count(outcome::abandoned), 2U);
    EXPECT_EQ(schema.other.ask("select symbol from quotes"), std::vector<std::string>{"A"});
}

TEST_F(postgresql_fault_test, P3_a_backend_that_is_ended_between_batches_ends_the_run) {
    postgresql_store<quote> store(schema.url(), quotes(), at_once);
    store.begin().give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    schema.other.run("select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = '"
                     + schema.name + "'");
    store.give({{"B", 1, 2}});
    ASSERT_TRUE(store.wait());
    EXPECT_TRUE(holds(store.run.failed(), "database_lost"));
    EXPECT_EQ(store.run.count(outcome::abandoned), 1U);
}

TEST_F(postgresql_fault_test, P4_a_commit_whose_answer_was_lost_is_in_doubt_item_by_item) {
    make_trap("end", "pg_terminate_backend(pg_backend_pid())", true);
    postgresql_store<quote> store(schema.url(), quotes(), one_batch);
    store.begin().give_together({{{"A", 1, 1}}, {{"end", 1, 3}}, {}});
    store.finish();
    EXPECT_EQ(store.run.count(outcome::in_doubt), 3U);
    EXPECT_TRUE(holds(store.run.failed(), "database_in_doubt: postgresql://"));
    EXPECT_TRUE(holds(store.run.settled().at(0).reason, "database_in_doubt")) << "a letter for each";
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
    EXPECT_LT(steady_clock::now() - began, 1s);
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
    EXPECT_LT(steady_clock::now() - began, 1s);
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

TEST_F(postgresql_fault_test, P6_a_lock_timeout_is_tried_again_and_no_row_is_blamed) {
    postgresql_store<quote> store(schema.url() + "%20-clock_timeout%3D50", quotes(), at_once);
    store.begin();
    schema.other.run("begin; lock table quotes");
    store.give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_TRUE(holds(store.run.failed(), "database_locked: postgresql://"));
    EXPECT_TRUE(holds(store.run.failed(), "55P03"));
    EXPECT_EQ(store.run.count(outcome::dead), 0U);
    EXPECT_EQ(store.run.count(outcome::abandoned), 1U);
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

TEST_F(postgresql_fault_test, P2_a_server_that_stops_at_once_ends_the_run_and_keeps_what_was_committed) {
    const temporary_folder folder;
    const std::string script = SERVER_SCRIPT;
    const std::string own = (folder / "server").string();
    ASSERT_EQ(std::system((script + " start " + own).c_str()), 0);
    std::string url;
    std::getline(std::ifstream(own + "/url"), url);
    {
        postgresql_store<quote> store(url, quotes(), {.create_table = true, .max_rows = 10, .max_age = 1ms}, 40);
        store.begin().give({{"first", 1, 1}});
        ASSERT_TRUE(store.wait());
        auto crash = std::async(std::launch::async, [&] { return std::system((script + " crash " + own).c_str()); });
        std::size_t given = 1;
        for (; store.run.failed().empty() && given < 1'000'000; ++given) {
            store.give({{"A", 1, static_cast<std::int64_t>(given)}});
            ASSERT_TRUE(store.wait());
        }
        EXPECT_EQ(crash.get(), 0);
        EXPECT_TRUE(holds(store.run.failed(), "database_"));
        EXPECT_EQ(settled(store.run), given);
        EXPECT_EQ(store.run.count(outcome::dead), 0U);
        EXPECT_GE(store.run.count(outcome::committed), 1U);
    }
    EXPECT_EQ(std::system((script + " stop " + own).c_str()), 0);
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
