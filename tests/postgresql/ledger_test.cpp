#include "penstock/errors.hpp"
#include "penstock/sources/replay.hpp"
#include "penstock/stages/fetch.hpp"
#include "penstock/testing/http_server.hpp"
#include "postgresql_place.hpp"
#include "tests/ledger/keeping.hpp"
#include "tests/ledger/kills.hpp"
#include "tests/ledger/promises.hpp"
#include "tests/ledger/together.hpp"

namespace penstock::testing {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(postgresql, ledger_promises, postgresql_place);
INSTANTIATE_TYPED_TEST_SUITE_P(postgresql, ledger_keeping, postgresql_place);
INSTANTIATE_TYPED_TEST_SUITE_P(postgresql, ledger_kills, postgresql_place);
INSTANTIATE_TYPED_TEST_SUITE_P(postgresql, ledger_together, postgresql_place);

struct postgresql_ledger_test : ::testing::Test {
    postgresql_ledger_test() { place.run(create_entries); }

    postgresql_place place;
};

TEST_F(postgresql_ledger_test, keys_are_uuids_that_anybody_can_compute) {
    entries_job(place.target(), {0}).run({.ledger = "x"});
    EXPECT_EQ(place.ask("SELECT replace(key::text, '-', ''), state FROM penstock_ledger"),
              std::vector<std::string>{to_string(key_of_text("0")) + "|1"});
}

TEST_F(postgresql_ledger_test, it_stands_in_the_schema_that_the_table_names) {
    auto job = from(numbers(1))
               | parallel("rows",
                          [](std::int64_t item) {
                              return entry{item, 0};
                          })
               | store(database(server_url()), table(place.schema.name + ".entries", column("item", &entry::item),
                                                     column("number", &entry::number)));
    job.run({.ledger = "x"});
    EXPECT_EQ(place.value("SELECT count(*) FROM " + place.schema.name + ".penstock_ledger"), "1");
}

TEST_F(postgresql_ledger_test, it_is_replayed_from_the_schema_that_the_table_names) {
    http_server server([](const http_request&) { return status(404); });
    const auto run = [&](bare_source<request> requests) {
        auto job = std::move(requests) | fetch({.retries = 0}) | parallel("rows", [](const page&) { return entry{}; })
                   | store(database(server_url()), table(place.schema.name + ".entries", column("item", &entry::item),
                                                         column("number", &entry::number)));
        return settled_run(job, {.ledger = "x", .retry_dead = true});
    };
    EXPECT_EQ(run(from(std::vector<request>{{.url = server.url("/1")}, {.url = server.url("/2")}})).taken(), 2U);
    EXPECT_EQ(run(replay(database(server_url()), "x", {}, place.schema.name)).count(outcome::dead), 2U);
    EXPECT_THROW(run(replay(database(server_url()), "y", {}, place.schema.name)), preflight_failed);
}

TEST_F(postgresql_ledger_test, a_commit_is_on_disk_whatever_the_server_is_set_to) {
    place.run("CREATE TABLE seen (setting text)");
    place.run(
        "CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$; "
        "CREATE TRIGGER look BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION look()");
    for (const std::string setting : {"off", "local", "remote_write", "on"}) {
        place.run("DELETE FROM seen");
        entries_job job(database(place.schema.url() + "%20-csynchronous_commit%3D" + setting), {0});
        EXPECT_EQ(job.run({.ledger = setting}).count(outcome::committed), 1U);
        EXPECT_EQ(place.ask("SELECT DISTINCT setting FROM seen"),
                  std::vector<std::string>{setting == "off" ? "on" : setting});
    }
    place.run("DELETE FROM seen");
    entries_job(database(place.schema.url() + "%20-csynchronous_commit%3Doff"), {0}).run({});
    EXPECT_EQ(place.value("SELECT DISTINCT setting FROM seen"), "off") << "without a ledger it is the server's";
}

TEST_F(postgresql_ledger_test, a_user_without_rights_is_told_before_anything_is_taken) {
    place.run("GRANT USAGE ON SCHEMA " + place.schema.name
              + " TO without_rights; GRANT ALL ON entries TO without_rights");
    entries_job job(database(place.schema.url("without_rights")), {0});
    EXPECT_THROW(job.run({.ledger = "x"}), preflight_failed);
    EXPECT_EQ(job.seen(), 0U);
}

TEST_F(postgresql_ledger_test, a_user_who_may_only_read_the_ledger_is_told_so_too) {
    entries_job(place.target(), {5}).run({.ledger = "made"});
    place.run("GRANT USAGE ON SCHEMA " + place.schema.name + " TO without_rights; GRANT ALL ON entries, penstock_ledgers"
              " TO without_rights; GRANT SELECT ON penstock_ledger TO without_rights");
    entries_job job(database(place.schema.url("without_rights")), {0});
    EXPECT_THROW(job.run({.ledger = "x"}), preflight_failed);
    EXPECT_EQ(job.seen(), 0U);
}

TEST_F(postgresql_ledger_test, a_user_who_may_not_make_tables_can_use_those_that_are_there) {
    entries_job(place.target(), {5}).run({.ledger = "made"});
    place.run("GRANT USAGE ON SCHEMA " + place.schema.name + " TO without_rights; GRANT ALL ON ALL TABLES IN SCHEMA "
              + place.schema.name + " TO without_rights");
    entries_job job(database(place.schema.url("without_rights")), {0});
    EXPECT_EQ(job.run({.ledger = "x"}).count(outcome::committed), 1U);
}

TEST_F(postgresql_ledger_test, P9_a_poison_row_of_any_kind_leaves_the_other_items_settled) {
    place.run(
        "DROP TABLE entries; CREATE TABLE entries (item bigint CHECK (item <> 5), number bigint NOT NULL, "
        "UNIQUE (item, number) DEFERRABLE INITIALLY DEFERRED)");
    entries_job job(place.target(), numbers(40));
    job.making([](std::int64_t item) {
        if (item == 17) return std::vector<entry>{{3, 0}};  // Only refused at COMMIT.
        return std::vector<entry>{{item, 0}, {item, 1}};
    });
    const report done = job.run({.queue_size = 200, .ledger = "x"});
    EXPECT_EQ(done.count(outcome::committed), 38U) << done;
    EXPECT_EQ(place.ask("SELECT state, count(*) FROM penstock_ledger GROUP BY state ORDER BY state"),
              (std::vector<std::string>{"1|38", "3|2"}));
    EXPECT_EQ(place.value("SELECT count(*) FROM entries"), "76");
}

TEST_F(postgresql_ledger_test, items_that_are_settled_already_do_not_shift_the_blame) {
    // Another program settles an item between the look-up and the batch: a poison row behind it is still found.
    place.run("DROP TABLE entries; CREATE TABLE entries (item bigint CHECK (item <> 5), number bigint NOT NULL)");
    entries_job(place.target(), {0, 1, 2}).run({.ledger = "x"});
    place.run("DELETE FROM entries");
    place.run("UPDATE penstock_ledger SET state = 0");  // The look-up lets them through.
    entries_job job(place.target(), numbers(9));
    std::once_flag settled;
    job.making([&](std::int64_t item) {
        std::call_once(settled, [&] { place.run("UPDATE penstock_ledger SET state = 1"); });
        return std::vector<entry>{{item, 0}};
    });
    const report done = job.run({.queue_size = 100, .ledger = "x"});
    EXPECT_EQ(done.count(outcome::skipped), 3U) << done;
    EXPECT_EQ(done.count(outcome::dead), 1U) << done;
    EXPECT_EQ(job.letters.at(0).origin, "5");
    EXPECT_EQ(place.ask("SELECT item FROM entries ORDER BY item"), (std::vector<std::string>{"3", "4", "6", "7", "8"}));
}

TEST_F(postgresql_ledger_test, who_settles_the_same_keys_waits_for_the_other) {
    entries_job(place.target(), {0}).run({.ledger = "x"});
    place.run("DELETE FROM entries; DELETE FROM penstock_ledger");
    // A transaction that has settled the key and whose end nobody knows yet.
    other_client frozen(place.schema.url());
    frozen.run("BEGIN; INSERT INTO penstock_ledger (ledger, key, state) SELECT id, '" + to_string(key_of_text("0"))
               + "', 1 FROM penstock_ledgers; INSERT INTO entries VALUES (0, 0)");
    entries_job job(place.target(), {0});
    std::thread run([&] {
        const report done = job.run({.ledger = "x"});
        EXPECT_EQ(done.count(outcome::skipped), 1U) << done;
    });
    EXPECT_TRUE(place.schema.other.wait_for("SELECT count(*) FROM pg_stat_activity WHERE application_name = '"
                                                + place.schema.name + "' AND wait_event_type = 'Lock'",
                                            "1"));
    frozen.run("COMMIT");
    run.join();
    EXPECT_EQ(place.value("SELECT count(*) FROM entries"), "1");
}

TEST_F(postgresql_ledger_test, conflicts_are_settled_by_policy_and_the_ledger_keeps_step) {
    place.run("CREATE UNIQUE INDEX once ON entries (item)");
    place.run("INSERT INTO entries VALUES (3, 100)");
    auto job = [&] {
        return from(numbers(10))
               | parallel("rows",
                          [](std::int64_t item) {
                              return entry{item, 1};
                          })
               | store(place.target(),
                       table("entries", column("item", &entry::item).key(), column("number", &entry::number)),
                       {.conflicts = conflict_policy::update});
    };
    EXPECT_EQ(settled_run(job(), {.ledger = "x"}).count(outcome::committed), 10U);
    place.run("UPDATE entries SET number = 5");
    EXPECT_EQ(settled_run(job(), {.ledger = "x"}).count(outcome::skipped), 10U);
    EXPECT_EQ(place.value("SELECT count(*) FROM entries WHERE number = 5"), "10");
}

}  // namespace
}  // namespace penstock::testing
