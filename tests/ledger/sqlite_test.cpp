#include <chrono>
#include <future>
#include <stop_token>
#include <thread>

#include "keeping.hpp"
#include "kills.hpp"
#include "promises.hpp"
#include "sqlite_place.hpp"
#include "stages/store/ledger_reader.hpp"
#include "together.hpp"

namespace penstock::testing {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(sqlite, ledger_promises, sqlite_place);
INSTANTIATE_TYPED_TEST_SUITE_P(sqlite, ledger_keeping, sqlite_place);
INSTANTIATE_TYPED_TEST_SUITE_P(sqlite, ledger_kills, sqlite_place);
INSTANTIATE_TYPED_TEST_SUITE_P(sqlite, ledger_together, sqlite_place);

struct sqlite_ledger_test : ::testing::Test {
    sqlite_place place;
};

TEST_F(sqlite_ledger_test, the_tables_are_made_though_none_is_to_be_created_for_the_rows) {
    place.run(create_entries);
    entries_job(place.target(), {0}).run({.ledger = "x"});
    EXPECT_EQ(place.ask("SELECT name, job, version FROM penstock_ledgers"),
              std::vector<std::string>{"x|entries (item integer, number integer)|1"});
    EXPECT_EQ(place.ask("SELECT lower(hex(key)), state FROM penstock_ledger"),
              std::vector<std::string>{to_string(key_of_text("0")) + "|1"});
}

TEST_F(sqlite_ledger_test, a_table_that_somebody_else_has_named_so_is_told_of) {
    place.run(create_entries);
    place.run("CREATE TABLE penstock_ledger (mine TEXT)");
    entries_job job(place.target(), {0});
    EXPECT_THROW(job.run({.ledger = "x"}), preflight_failed);
}

TEST_F(sqlite_ledger_test, S1_a_stop_ends_the_wait_for_a_file_that_is_to_be_looked_into) {
    place.run(create_entries);
    entries_job(place.target(), {0}).run({.ledger = "x"});
    place.run("BEGIN IMMEDIATE");
    std::stop_source stop;
    const penstock::detail::ledger_terms terms{.name = "x", .job = "entries (item integer, number integer)"};
    auto opened = std::async(std::launch::async, [&] {
        EXPECT_THROW(penstock::detail::open_ledger(place.target(), {}, terms, {.busy_timeout = std::chrono::hours(1)},
                                                   stop.get_token()),
                     preflight_failed);
    });
    EXPECT_EQ(opened.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout) << "it waits";
    stop.request_stop();
    EXPECT_EQ(opened.wait_for(std::chrono::seconds(20)), std::future_status::ready);
    place.run("ROLLBACK");
}

TEST_F(sqlite_ledger_test, who_settles_the_same_keys_waits_for_the_other) {
    place.run(create_entries);
    entries_job(place.target(), {5}).run({.ledger = "x"});
    entries_job job(place.target(), {0});
    std::thread other;
    job.making([&](std::int64_t item) {
        // A transaction that settles the item, and whose end nobody knows while the batch is on its way.
        place.run("BEGIN IMMEDIATE; INSERT INTO penstock_ledger (ledger, key, state, settled) SELECT id, x'"
                  + to_string(key_of_text("0")) + "', 1, 1 FROM penstock_ledgers; INSERT INTO entries VALUES (0, 0)");
        other = std::thread([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(200));  // Time for a look that comes too early.
            place.run("COMMIT");
        });
        return rows_of(item);
    });
    const report done = job.run({.ledger = "x"});
    other.join();
    EXPECT_EQ(done.count(outcome::skipped), 1U) << done;
    EXPECT_EQ(place.value("SELECT count(*) FROM entries WHERE item = 0"), "1");
}

TEST_F(sqlite_ledger_test, an_item_that_takes_the_transaction_down_leaves_the_others_settled) {
    place.run(create_entries);
    place.run(
        "CREATE TRIGGER trap BEFORE INSERT ON entries WHEN NEW.number = 99 "
        "BEGIN SELECT RAISE(ROLLBACK, 'sprung'); END");
    entries_job job(place.target(), numbers(10));
    job.making([](std::int64_t item) { return std::vector<entry>{{item, item == 5 ? 99 : 0}}; });
    const report done = job.run({.queue_size = 100, .ledger = "x"});
    EXPECT_EQ(done.count(outcome::committed), 9U) << done;
    EXPECT_EQ(place.ask("SELECT state, count(*) FROM penstock_ledger GROUP BY state ORDER BY state"),
              (std::vector<std::string>{"1|9", "3|1"}));
    EXPECT_EQ(place.value("SELECT count(*) FROM entries"), "9");
}

}  // namespace
}  // namespace penstock::testing
