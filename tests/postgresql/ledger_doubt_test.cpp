// A COMMIT without an answer, with a ledger: nothing stays in doubt.
#include <atomic>
#include <iostream>
#include <stop_token>
#include <thread>

#include "lossy_commits.hpp"
#include "once_ready.hpp"
#include "postgresql_place.hpp"
#include "relay_fixture.hpp"
#include "tests/ledger/lots.hpp"
#include "tests/ledger/work.hpp"

namespace penstock::testing {
namespace {

struct ledger_doubt_test : ::testing::Test {
    using moment = relay::moment;
    using fate = relay::fate;

    ledger_doubt_test() { place.run(create_entries); }

    database through(database_options options) const {
        options.retry_for = 60s;
        return database(between.url(place.address()), options);
    }
    /// A batch an item or a few.
    entries_job job(std::int64_t items, database_options options = {}) {
        return entries_job(through(options), numbers(items), {.max_rows = 10, .max_age = 1ms});
    }
    void expect_whole(const report& done, std::uint64_t items) {
        EXPECT_EQ(done.reason, end_reason::completed) << done;
        EXPECT_EQ(done.count(outcome::in_doubt), 0U) << done;
        EXPECT_EQ(done.count(outcome::committed), items * 7 / 10) << done;
        EXPECT_EQ(done.count(outcome::dead), items * 2 / 10) << done;
        EXPECT_EQ(place.ask("SELECT item, number FROM entries ORDER BY item, number"),
                  unbroken_rows(static_cast<std::int64_t>(items)));
        EXPECT_EQ(done.rows(), items * 18 / 10) << "the figures are those of the database";
    }

    postgresql_place place;
    relay between{place.address()};
};

TEST_F(ledger_doubt_test, P4_a_commit_whose_answer_was_lost_is_found_to_be_committed) {
    entries_job five(through({}), {0, 5, 7});
    five.making([&, struck = false](std::int64_t item) mutable {
        if (!std::exchange(struck, true)) between.strike(moment::commit_answer, fate::cut);
        return rows_of(item);
    });
    const report done = five.run({.queue_size = 100, .ledger = "x"});
    EXPECT_EQ(done.count(outcome::committed), 3U) << done;
    EXPECT_EQ(done.count(outcome::in_doubt), 0U);
    EXPECT_EQ(place.value("SELECT count(*) FROM entries"), "9");
}

TEST_F(ledger_doubt_test, P4_a_commit_that_never_reached_the_server_is_done_again) {
    entries_job some(through({}), {0, 5, 7});
    some.making([&, struck = false](std::int64_t item) mutable {
        if (!std::exchange(struck, true)) between.strike(moment::commit, fate::cut);
        return rows_of(item);
    });
    const report done = some.run({.queue_size = 100, .ledger = "x"});
    EXPECT_EQ(done.count(outcome::committed), 3U) << done;
    EXPECT_EQ(place.value("SELECT count(*) FROM entries"), "9");
}

TEST_F(ledger_doubt_test, P4_commits_that_are_lost_early_lost_late_and_frozen_leave_nothing_in_doubt) {
    lossy_commits strikes(printed_seed());
    between.play([&](moment now, std::size_t) { return strikes.fate_of(now); });
    // A transaction whose COMMIT is frozen on its way holds its keys. Once the next try waits for them, it arrives.
    std::jthread thawer([&](const std::stop_token& over) {
        const other_client looker(place.address());
        const std::string waiting =
            "SELECT count(*) > 0 FROM pg_stat_activity a JOIN pg_locks l USING (pid) "
            "WHERE a.application_name = '"
            + place.schema.name + "' AND l.locktype = 'transactionid' AND NOT l.granted";
        while (!over.stop_requested())
            if (looker.wait_for(waiting, "t", 1)) between.thaw();
    });
    const std::int64_t items = is_long() ? 3000 : 80;
    entries_job some = job(items, {.answer_timeout = 400ms});
    some.making([&](std::int64_t item) {
        strikes.begin();
        return rows_of(item);
    });
    const report done = once_ready([&] { return some.run({.queue_size = 20, .ledger = "x"}); });
    thawer = {};
    between.play({});  // Nobody asks `strikes` any more.
    expect_whole(done, static_cast<std::uint64_t>(items));
    std::cout << strikes << '\n';
    EXPECT_GE(strikes.all(), 6U) << "each way at least once";
}

TEST_F(ledger_doubt_test, P5_a_commit_that_hangs_in_the_server_is_waited_for_and_found_out) {
    // The server is busy with the COMMIT and says nothing; only when the gate is open does it come to its end.
    place.run(
        "CREATE TABLE gate (open boolean); INSERT INTO gate VALUES (false); "
        "CREATE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "WHILE NOT (SELECT open FROM gate) LOOP PERFORM pg_sleep(0.01); END LOOP; RETURN NEW; END $$; "
        "CREATE CONSTRAINT TRIGGER hang AFTER INSERT ON entries DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION hang()");
    report done;
    std::thread run([&] {
        entries_job some(through({.answer_timeout = 300ms, .lock_timeout = 100ms}), {0, 5, 7});
        done = once_ready([&] { return some.run({.queue_size = 100, .ledger = "x"}); });
    });
    // Tries of new links wait for the key that the hanging transaction holds.
    other_client looker(place.address());
    EXPECT_TRUE(
        looker.wait_for("SELECT count(*) > 0 FROM pg_stat_activity a JOIN pg_locks l USING (pid) "
                        "WHERE a.application_name = '"
                            + place.schema.name + "' AND l.locktype = 'transactionid' AND NOT l.granted",
                        "t"));
    EXPECT_EQ(looker.value("SELECT count(*) FROM entries"), "0");
    place.run("UPDATE gate SET open = true");
    run.join();
    EXPECT_EQ(done.count(outcome::committed), 3U) << done;
    EXPECT_EQ(done.count(outcome::in_doubt), 0U);
    EXPECT_EQ(place.value("SELECT count(*) FROM entries"), "9");
}

TEST_F(ledger_doubt_test, P4_what_nobody_can_find_out_in_time_is_in_doubt_and_ends_the_run) {
    std::atomic<bool> strike{false};
    between.play([&](moment now, std::size_t) {
        if (now != moment::commit_answer || !strike) return fate::pass;
        between.refuse(true);
        return fate::cut;
    });
    database_options options{.retry_for = 500ms};
    entries_job some(database(between.url(place.address()), options), {0});
    some.making([&](std::int64_t item) {
        strike = true;
        return rows_of(item);
    });
    const report done = some.run({.ledger = "x"});
    EXPECT_EQ(done.reason, end_reason::failed) << done;
    EXPECT_EQ(done.count(outcome::in_doubt), 1U) << done;
    between.refuse(false);
    entries_job again(place.target(), {0});
    EXPECT_EQ(again.run({.ledger = "x"}).count(outcome::skipped), 1U) << "it was there";
    EXPECT_EQ(place.value("SELECT count(*) FROM entries"), "3");
}

TEST_F(ledger_doubt_test, P3_links_that_are_cut_at_any_moment_leave_the_table_of_an_unbroken_run) {
    std::atomic<bool> begun{false};
    std::atomic<bool> over{false};
    std::thread cutter([&] {
        becomes_true([&] { return begun.load(); });  // A link that is lost before the first item is a failed preflight.
        for (int cuts = 0; cuts < 8 && !over; ++cuts) {
            // After some batches, at whatever moment of the next.
            const std::size_t seen = between.count(moment::commit) + static_cast<std::size_t>(cuts % 3);
            becomes_true([&] { return over || between.count(moment::commit) > seen + 2; });
            between.cut_all();
        }
    });
    entries_job some = job(300);
    some.making([&](std::int64_t item) {
        begun = true;
        return rows_of(item);
    });
    const report done = some.run({.queue_size = 20, .ledger = "x"});
    over = true;
    cutter.join();
    expect_whole(done, 300);
}

TEST_F(ledger_doubt_test, several_connections_keep_one_ledger) {
    entries_job some = job(600, {.connections = 4});
    expect_whole(some.run({.queue_size = 100, .ledger = "x"}), 600);
    entries_job again = job(600, {.connections = 4});
    EXPECT_EQ(again.run({.queue_size = 100, .ledger = "x"}).count(outcome::skipped), 600U);
}

}  // namespace
}  // namespace penstock::testing
