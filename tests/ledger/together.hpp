#pragma once

#include <gtest/gtest.h>

#include <mutex>

#include "work.hpp"

// Rows and their keys go into the database together, or not at all. See promises.hpp for a `Place`; here it also has
// `refuse_inserts` and `allow_inserts` of a table, and `copy()`: the address of what the database holds at this moment,
// for which there is `ask_at`.

namespace penstock::testing {

template <class Place>
class ledger_together : public ::testing::Test {
protected:
    ledger_together() { place.run(create_entries); }

    report run(entries_job&& job, run_options options = {}) {
        options.ledger = "nightly";
        return job.run(options);
    }

    Place place;
};

TYPED_TEST_SUITE_P(ledger_together);

TYPED_TEST_P(ledger_together, keys_that_cannot_be_written_leave_no_rows) {
    this->run(entries_job(this->place.target(), {0}));
    this->place.refuse_inserts("penstock_ledger");
    const report failed = this->run(entries_job(this->place.target(), {5, 7}));
    EXPECT_EQ(failed.reason, end_reason::failed) << failed;
    EXPECT_EQ(failed.count(outcome::committed), 0U) << failed;
    EXPECT_EQ(this->place.value("SELECT count(*) FROM entries WHERE item <> 0"), "0");
    this->place.allow_inserts("penstock_ledger");
    EXPECT_EQ(this->run(entries_job(this->place.target(), {5, 7})).count(outcome::committed), 2U);
    EXPECT_EQ(this->place.value("SELECT count(*) FROM entries"), "9");
}

TYPED_TEST_P(ledger_together, rows_that_cannot_be_written_leave_no_keys) {
    this->run(entries_job(this->place.target(), {0}));
    entries_job job(this->place.target(), {5, 7});
    std::once_flag once;
    job.making([&](std::int64_t item) {
        std::call_once(once, [&] { this->place.run("ALTER TABLE entries RENAME TO elsewhere"); });
        return rows_of(item);
    });
    const report failed = this->run(std::move(job));
    EXPECT_EQ(failed.reason, end_reason::failed) << failed;
    EXPECT_EQ(this->place.value("SELECT count(*) FROM penstock_ledger"), "1");
    this->place.run("ALTER TABLE elsewhere RENAME TO entries");
    EXPECT_EQ(this->run(entries_job(this->place.target(), {5, 7})).count(outcome::committed), 2U);
    EXPECT_EQ(this->place.value("SELECT count(*) FROM entries"), "9");
}

TYPED_TEST_P(ledger_together, a_copy_of_the_database_is_all_that_a_run_needs_to_go_on) {
    std::string copy;
    entries_job job(this->place.target(), numbers(500), {.max_rows = 30});
    job.making([&](std::int64_t item) {
        if (item == 300) copy = this->place.copy();
        return rows_of(item);
    });
    this->run(std::move(job), {.queue_size = 20});
    const report done = this->run(entries_job(database(copy), numbers(500)));
    EXPECT_GE(done.count(outcome::skipped), 250U) << done;
    EXPECT_LT(done.count(outcome::skipped), 500U) << done;
    EXPECT_EQ(TypeParam::ask_at(copy, "SELECT item, number FROM entries ORDER BY item, number"), unbroken_rows(500));
}

REGISTER_TYPED_TEST_SUITE_P(ledger_together, keys_that_cannot_be_written_leave_no_rows,
                            rows_that_cannot_be_written_leave_no_keys,
                            a_copy_of_the_database_is_all_that_a_run_needs_to_go_on);

}  // namespace penstock::testing
