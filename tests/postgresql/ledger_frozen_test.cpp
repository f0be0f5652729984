// A backend that stands still in the middle of a transaction for longer than the store waits for an answer, with a
// ledger. The next try waits for its keys, and learns what has become of them.
#include <optional>

#include "frozen_backend.hpp"
#include "once_ready.hpp"
#include "own_server.hpp"
#include "postgresql_place.hpp"
#include "relay_fixture.hpp"
#include "tests/ledger/work.hpp"

namespace penstock::testing {
namespace {

constexpr database_options patient{.answer_timeout = std::chrono::seconds(1),
                                   .retry_for = std::chrono::seconds(60),
                                   .lock_timeout = std::chrono::milliseconds(200)};

/// `entries`, each row with the backend that has put it there, and a gate at which backends wait.
constexpr const char* create_gate =
    "ALTER TABLE entries ADD COLUMN backend integer DEFAULT pg_backend_pid(); "
    "CREATE TABLE gate (open boolean); INSERT INTO gate VALUES (false); "
    "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "WHILE NOT (SELECT open FROM gate) LOOP PERFORM pg_sleep(0.01); END LOOP; RETURN NEW; END $$; ";

/// The backend of a session of this name that does this, as soon as there is one; 0 if none comes.
int backend_that(const other_client& looker, const std::string& name, const std::string& does) {
    const std::string found =
        "SELECT coalesce(min(pid), 0) FROM pg_stat_activity WHERE application_name = '" + name + "' AND " + does;
    if (!looker.wait_for("SELECT (" + found + ") <> 0", "t")) return 0;
    return std::stoi(looker.value(found));
}

/// Whether a session waits for the end of a backend's transaction: how many do.
std::string waits_for(int process) {
    return "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'transactionid' AND " + std::to_string(process)
           + " = ANY (pg_blocking_pids(pid))";
}

struct ledger_frozen_test : ::testing::Test {
    ledger_frozen_test() {
        place.run(create_entries);
        place.run(create_gate);
    }
    /// Runs three items; freezes the backend that comes to this point, until another one waits for its keys.
    void freeze_at(const std::string& point) {
        std::thread run([&] {
            entries_job some(database(place.address(), patient), {0, 5, 7});
            done = once_ready([&] { return some.run({.queue_size = 100, .ledger = "x"}); });
        });
        const other_client looker(server_url());
        process = backend_that(looker, place.schema.name, point);
        {
            std::optional<frozen_backend> frozen;
            if (process != 0) frozen.emplace(process);
            // The link is cut, there is another, and it waits for what the frozen backend holds.
            EXPECT_TRUE(process == 0 || looker.wait_for(waits_for(process), "1"));
            looker.run("UPDATE " + place.schema.name + ".gate SET open = true");
        }
        run.join();
        EXPECT_NE(process, 0) << "nobody came to the point";
        EXPECT_EQ(done.count(outcome::committed), 3U) << done;
        EXPECT_EQ(done.count(outcome::in_doubt), 0U) << done;
        EXPECT_EQ(place.ask("SELECT item, number FROM entries ORDER BY item, number"),
                  (std::vector<std::string>{"0|0", "0|1", "0|2", "5|0", "5|1", "5|2", "7|0", "7|1", "7|2"}));
        EXPECT_EQ(place.ask("SELECT state, count(*) FROM penstock_ledger GROUP BY state"),
                  std::vector<std::string>{"1|3"});
    }
    /// How many of the rows are those of the frozen backend.
    std::string rows_of_the_frozen() const {
        return place.value("SELECT count(*) FROM entries WHERE backend = " + std::to_string(process));
    }

    postgresql_place place;
    report done;
    int process = 0;
};

TEST_F(ledger_frozen_test, P5_a_backend_frozen_at_copy_leaves_the_batch_to_the_next_try) {
    place.run("CREATE TRIGGER wait BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION wait()");
    freeze_at("wait_event = 'PgSleep' AND query LIKE '%COPY%'");
    EXPECT_EQ(rows_of_the_frozen(), "0") << "it found its client gone, before any COMMIT";
}

TEST_F(ledger_frozen_test, P5_a_backend_frozen_in_its_commit_commits_late_and_its_items_are_not_stored_again) {
    place.run(
        "CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON entries DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION wait()");
    freeze_at("wait_event = 'PgSleep' AND query LIKE 'COMMIT%'");
    EXPECT_EQ(rows_of_the_frozen(), "9") << "a COMMIT that has begun needs no client";
}

/// A server whose every COMMIT of rows waits, once it is on disk, for a standby that there is not.
struct ledger_committed_test : ::testing::Test {
    ledger_committed_test() {
        const other_client first = server.client();
        first.run(create_entries);
        first.run("ALTER TABLE entries ADD COLUMN backend integer DEFAULT pg_backend_pid()");
        entries_job(database(server.url()), {0}).run({.ledger = "x"});
        first.run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        server.crash();
        server.start_again();
    }
    void let_commits_through() const {
        const other_client client = server.client();
        client.run("ALTER SYSTEM RESET synchronous_standby_names");
        client.run("SELECT pg_reload_conf()");
    }

    /// Freezes the backend that waits in its COMMIT, until another one waits for its keys and then that is done; which
    /// it was.
    template <class Then>
    int freeze_the_commit(Then&& then) const {
        const other_client looker = server.client();
        const int process = backend_that(looker, "penstock", "wait_event = 'SyncRep'");
        if (process == 0) return let_commits_through(), 0;
        const frozen_backend frozen(process);
        EXPECT_TRUE(looker.wait_for(waits_for(process), "1"));
        EXPECT_EQ(looker.value("SELECT count(*) FROM entries"), "3") << "nobody sees the new rows yet";
        then(frozen);
        return process;
    }
    void expect_committed_by(int process, const report& done) const {
        EXPECT_NE(process, 0) << "nobody came to the point";
        EXPECT_EQ(done.count(outcome::committed), 2U) << done;
        EXPECT_EQ(done.count(outcome::in_doubt), 0U) << done;
        const other_client client = server.client();
        EXPECT_EQ(client.ask("SELECT item, count(*) FROM entries GROUP BY item ORDER BY item"),
                  (std::vector<std::string>{"0|3", "5|3", "7|3"}));
        EXPECT_EQ(client.value("SELECT count(*) FROM entries WHERE backend = " + std::to_string(process)), "6");
    }

    own_server server;
};

TEST_F(ledger_committed_test, P5_a_backend_frozen_after_its_commit_was_on_disk_has_committed) {
    report done;
    std::thread run([&] {
        entries_job some(database(server.url(), patient), {5, 7});
        done = once_ready([&] { return some.run({.queue_size = 100, .ledger = "x"}); });
    });
    const int process = freeze_the_commit([&](const frozen_backend&) { let_commits_through(); });
    run.join();
    expect_committed_by(process, done);
}

TEST_F(ledger_committed_test, P3_a_backend_killed_after_its_commit_was_on_disk_has_committed) {
    report done;
    std::thread run([&] {
        entries_job some(database(server.url(), patient), {5, 7});
        done = once_ready([&] { return some.run({.queue_size = 100, .ledger = "x"}); });
    });
    const int process = freeze_the_commit([&](const frozen_backend& frozen) {
        let_commits_through();
        frozen.kill();  // And so the server ends all others and recovers what was on disk.
    });
    run.join();
    expect_committed_by(process, done);
}

}  // namespace
}  // namespace penstock::testing
