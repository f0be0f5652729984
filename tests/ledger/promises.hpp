#pragma once

#include <gtest/gtest.h>

#include <set>
#include <stop_token>
#include <thread>

#include "work.hpp"

// What a ledger promises in every database. A `Place` is a database with nothing in it: `target()` is its address,
// `run`, `ask` and `value` are another program's SQL.

namespace penstock::testing {

template <class Place>
class ledger_promises : public ::testing::Test {
protected:
    ledger_promises() { place.run(create_entries); }

    report run(entries_job& job, run_options options = {}) {
        options.ledger = "nightly";
        return job.run(options);
    }
    report run(entries_job&& job, run_options options = {}) { return run(job, std::move(options)); }

    /// The entries of the ledger: "state|how many".
    std::vector<std::string> states() {
        return place.ask("SELECT state, count(*) FROM penstock_ledger GROUP BY state ORDER BY state");
    }
    std::vector<std::string> rows() { return place.ask("SELECT item, number FROM entries ORDER BY item, number"); }

    Place place;
};

TYPED_TEST_SUITE_P(ledger_promises);

TYPED_TEST_P(ledger_promises, a_second_run_skips_what_the_first_has_settled) {
    const report first = this->run(entries_job(this->place.target(), numbers(1000)));
    EXPECT_EQ(first.count(outcome::committed), 700U) << first;
    EXPECT_EQ(first.count(outcome::dropped), 100U) << first;
    EXPECT_EQ(first.count(outcome::dead), 200U) << first;
    const auto rows = this->rows();
    EXPECT_EQ(rows.size(), 1800U);
    EXPECT_EQ(this->states(), (std::vector<std::string>{"1|700", "2|100", "3|200"}));

    entries_job again(this->place.target(), numbers(1000));
    const report second = this->run(again);
    EXPECT_EQ(second.count(outcome::skipped), 1000U) << second;
    EXPECT_EQ(again.seen(), 0U) << "nothing is fetched or parsed again";
    EXPECT_TRUE(again.letters.empty());
    EXPECT_TRUE(second.clean());
    EXPECT_EQ(this->rows(), rows);
}

TYPED_TEST_P(ledger_promises, a_run_goes_on_with_what_is_not_settled) {
    this->run(entries_job(this->place.target(), numbers(300)));
    entries_job more(this->place.target(), numbers(500));
    const report done = this->run(more);
    EXPECT_EQ(done.count(outcome::skipped), 300U) << done;
    EXPECT_EQ(more.seen(), 200U);
    EXPECT_EQ(this->rows().size(), 900U);
}

TYPED_TEST_P(ledger_promises, one_key_twice_in_a_work_list_is_one_item) {
    std::vector<std::int64_t> twice = numbers(50);
    for (const std::int64_t one : numbers(50)) twice.push_back(one);
    twice.push_back(49);
    twice.push_back(49);
    const report done = this->run(entries_job(this->place.target(), twice), {.queue_size = 500});
    EXPECT_EQ(this->rows().size(), 90U);
    EXPECT_GE(done.count(outcome::committed), 35U) << done;
    EXPECT_EQ(this->states(), (std::vector<std::string>{"1|35", "2|5", "3|10"}));
}

TYPED_TEST_P(ledger_promises, every_queue_and_worker_count_gives_the_same_ledger) {
    std::int64_t items = 0;
    for (const std::size_t queue : {1U, 2U, 64U})
        for (const unsigned workers : {1U, 2U, 8U}) {
            items += 20;
            const report done = this->run(entries_job(this->place.target(), numbers(items), {.max_rows = 7}),
                                          {.max_workers = workers, .queue_size = queue});
            EXPECT_EQ(done.count(outcome::skipped), static_cast<std::uint64_t>(items - 20)) << done;
            EXPECT_EQ(this->rows().size(), static_cast<std::size_t>(items * 18 / 10));
        }
}

TYPED_TEST_P(ledger_promises, what_is_dead_is_kept_with_its_reason) {
    this->run(entries_job(this->place.target(), numbers(10)));
    const auto letters =
        this->place.ask("SELECT letter FROM penstock_ledger WHERE state = 3 ORDER BY letter LIKE '%parse%'");
    ASSERT_EQ(letters.size(), 2U);
    EXPECT_TRUE(letters[0].find("\"kind\":\"load\"") != std::string::npos) << letters[0];
    EXPECT_TRUE(letters[0].find("\"origin\":\"4\"") != std::string::npos) << letters[0];
    EXPECT_TRUE(letters[1].find("\"reason\":\"number 2\"") != std::string::npos) << letters[1];
    EXPECT_EQ(this->place.value("SELECT count(*) FROM penstock_ledger WHERE state <> 3 AND letter IS NOT NULL"), "0");
}

TYPED_TEST_P(ledger_promises, what_is_dead_is_tried_again_by_choice_only) {
    this->run(entries_job(this->place.target(), numbers(10)));
    entries_job again(this->place.target(), numbers(10));
    again.making([](std::int64_t item) { return std::vector<entry>{{item, 7}}; });
    const report done = this->run(again, {.retry_dead = true});
    EXPECT_EQ(done.count(outcome::skipped), 8U) << done;
    EXPECT_EQ(done.count(outcome::committed), 2U) << done;
    EXPECT_EQ(this->place.ask("SELECT item FROM entries WHERE number = 7 ORDER BY item"),
              (std::vector<std::string>{"2", "4"}));
    EXPECT_EQ(this->states(), (std::vector<std::string>{"1|9", "2|1"}));
    EXPECT_EQ(this->place.value("SELECT count(*) FROM penstock_ledger WHERE letter IS NOT NULL"), "0");
}

TYPED_TEST_P(ledger_promises, what_dies_again_has_its_last_reason) {
    this->run(entries_job(this->place.target(), {2}));
    entries_job again(this->place.target(), {2});
    again.making([](std::int64_t) { return failure{error_kind::parse, "still no good"}; });
    const report done = this->run(again, {.retry_dead = true});
    EXPECT_EQ(done.count(outcome::dead), 1U) << done;
    EXPECT_EQ(this->place.value("SELECT count(*) FROM penstock_ledger WHERE letter LIKE '%still no good%'"), "1");
    EXPECT_EQ(this->states(), std::vector<std::string>{"3|1"});
}

TYPED_TEST_P(ledger_promises, a_pending_item_is_taken_up) {
    this->run(entries_job(this->place.target(), {0, 1}));
    this->place.run("DELETE FROM entries");
    this->place.run("UPDATE penstock_ledger SET state = 0 WHERE state = 1");
    const report done = this->run(entries_job(this->place.target(), {0, 1}));
    EXPECT_EQ(done.count(outcome::committed), 1U) << done;
    EXPECT_EQ(this->rows().size(), 3U);
    EXPECT_EQ(this->states(), (std::vector<std::string>{"1|1", "2|1"}));
}

TYPED_TEST_P(ledger_promises, ledgers_of_two_names_know_nothing_of_each_other) {
    this->run(entries_job(this->place.target(), {0}));
    entries_job other(this->place.target(), {0});
    const report done = other.run({.ledger = "weekly"});
    EXPECT_EQ(done.count(outcome::committed), 1U) << done;
    EXPECT_EQ(this->rows().size(), 6U);
}

TYPED_TEST_P(ledger_promises, a_run_without_a_ledger_touches_none) {
    this->run(entries_job(this->place.target(), {0}));
    entries_job(this->place.target(), {0, 5}).run({});
    EXPECT_EQ(this->rows().size(), 9U);
    EXPECT_EQ(this->states(), std::vector<std::string>{"1|1"});
}

TYPED_TEST_P(ledger_promises, another_job_under_the_name_is_refused_before_anything_is_taken) {
    this->run(entries_job(this->place.target(), {0}));
    auto other =
        from(numbers(3))
        | parallel("rows",
                   [](std::int64_t item) {
                       return entry{item, 0};
                   })
        | store(this->place.target(), table("entries", column("number", &entry::item), column("item", &entry::number)));
    try {
        other.run({.ledger = "nightly"});
        FAIL();
    } catch (const preflight_failed& why) {
        const std::string said = why.what();
        EXPECT_NE(said.find("ledger \"nightly\""), std::string::npos) << said;
        EXPECT_NE(said.find("stores into entries (item integer, number integer); this one stores into entries (number "
                            "integer, item integer)"),
                  std::string::npos)
            << said;
    }
}

TYPED_TEST_P(ledger_promises, a_ledger_of_another_version_is_refused) {
    this->run(entries_job(this->place.target(), {0}));
    this->place.run("UPDATE penstock_ledgers SET version = 2");
    entries_job job(this->place.target(), {0});
    EXPECT_THROW(job.run({.ledger = "nightly"}), preflight_failed);
}

TYPED_TEST_P(ledger_promises, names_are_texts_and_not_sql) {
    const std::string name = "it's \"mine\"; DROP TABLE entries --\\ \xc3\xa4";
    entries_job job(this->place.target(), {0});
    EXPECT_EQ(job.run({.ledger = name}).count(outcome::committed), 1U);
    EXPECT_EQ(job.run({.ledger = name}).count(outcome::skipped), 1U);
    EXPECT_EQ(this->place.value("SELECT name FROM penstock_ledgers"), name);
}

TYPED_TEST_P(ledger_promises, runs_at_the_same_time_store_each_item_once) {
    for (const int programs : {2, 4}) {
        this->place.run("DELETE FROM entries");
        std::vector<std::thread> threads;
        std::mutex mutex;
        std::uint64_t committed = 0;
        for (int one = 0; one < programs; ++one)
            threads.emplace_back([&] {
                entries_job job(this->place.target(), numbers(400),
                                {.max_rows = 50, .max_age = std::chrono::milliseconds(2)});
                const report done = job.run({.queue_size = 40, .ledger = "shared by " + std::to_string(programs)});
                const std::lock_guard lock(mutex);
                committed += done.count(outcome::committed);
                EXPECT_EQ(done.reason, end_reason::completed) << done;
            });
        for (std::thread& one : threads) one.join();
        EXPECT_EQ(committed, 280U);
        EXPECT_EQ(this->rows().size(), 720U);
        EXPECT_EQ(this->place.value("SELECT count(*) FROM (SELECT DISTINCT item, number FROM entries) AS once"), "720");
    }
}

TYPED_TEST_P(ledger_promises, what_a_stopped_run_has_not_settled_is_done_by_the_next) {
    std::stop_source stop;
    entries_job cut(this->place.target(), numbers(1000), {.max_rows = 30});
    cut.making([&](std::int64_t item) {
        if (item == 500) stop.request_stop();
        return rows_of(item);
    });
    const report first = this->run(cut, {.queue_size = 20, .stop = stop.get_token()});
    EXPECT_EQ(first.reason, end_reason::stopped) << first;
    EXPECT_LT(first.taken(), 1000U);
    const report second = this->run(entries_job(this->place.target(), numbers(1000)));
    EXPECT_EQ(second.count(outcome::skipped), first.taken() - first.count(outcome::abandoned)) << first << second;
    EXPECT_EQ(this->rows().size(), 1800U);
}

TYPED_TEST_P(ledger_promises, what_an_abandoned_run_has_not_settled_is_done_by_the_next) {
    std::stop_source stop;
    entries_job cut(this->place.target(), numbers(1000), {.max_rows = 30});
    cut.making([&](std::int64_t item) {
        if (item == 500) stop.request_stop();
        return rows_of(item);
    });
    const report first = this->run(cut, {.queue_size = 20, .abandon = stop.get_token()});
    EXPECT_EQ(first.reason, end_reason::stopped) << first;
    const report second = this->run(entries_job(this->place.target(), numbers(1000)));
    EXPECT_EQ(second.reason, end_reason::completed) << second;
    EXPECT_EQ(this->rows().size(), 1800U);
    EXPECT_EQ(this->states(), (std::vector<std::string>{"1|700", "2|100", "3|200"}));
}

TYPED_TEST_P(ledger_promises, a_letter_that_cannot_be_kept_leaves_its_item_to_the_next_run) {
    entries_job job(this->place.target(), {2});
    const report failed =
        this->run(job, {.dead_letters = [](const dead_letter&) { throw std::runtime_error("full"); }});
    EXPECT_EQ(failed.reason, end_reason::failed) << failed;
    EXPECT_NE(failed.detail.find("the dead-letter sink failed"), std::string::npos);
    EXPECT_EQ(failed.count(outcome::dead), 1U);
    EXPECT_EQ(this->states(), std::vector<std::string>{});
    EXPECT_EQ(this->run(entries_job(this->place.target(), {2})).count(outcome::dead), 1U);
}

REGISTER_TYPED_TEST_SUITE_P(
    ledger_promises, a_second_run_skips_what_the_first_has_settled, a_run_goes_on_with_what_is_not_settled,
    one_key_twice_in_a_work_list_is_one_item, every_queue_and_worker_count_gives_the_same_ledger,
    what_is_dead_is_kept_with_its_reason, what_is_dead_is_tried_again_by_choice_only,
    what_dies_again_has_its_last_reason, a_pending_item_is_taken_up, ledgers_of_two_names_know_nothing_of_each_other,
    a_run_without_a_ledger_touches_none, another_job_under_the_name_is_refused_before_anything_is_taken,
    a_ledger_of_another_version_is_refused, names_are_texts_and_not_sql, runs_at_the_same_time_store_each_item_once,
    what_a_stopped_run_has_not_settled_is_done_by_the_next, what_an_abandoned_run_has_not_settled_is_done_by_the_next,
    a_letter_that_cannot_be_kept_leaves_its_item_to_the_next_run);

}  // namespace penstock::testing
