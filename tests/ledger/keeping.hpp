#pragma once

#include <gtest/gtest.h>

#include <set>

#include "penstock/ledgers.hpp"
#include "work.hpp"

// Ledgers are looked at and forgotten, in every database. See promises.hpp for a `Place`.

namespace penstock::testing {

template <class Place>
class ledger_keeping : public ::testing::Test {
protected:
    ledger_keeping() { place.run(create_entries); }

    void run(const std::string& ledger, std::int64_t items) {
        entries_job(place.target(), numbers(items)).run({.ledger = ledger});
    }

    Place place;
    ledgers kept{place.target()};
};

TYPED_TEST_SUITE_P(ledger_keeping);

TYPED_TEST_P(ledger_keeping, ledgers_are_listed_with_their_counts) {
    this->run("weekly", 10);
    this->run("nightly", 100);
    const auto all = this->kept.list();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name, "nightly");
    EXPECT_EQ(all[0].job, "entries (item integer, number integer)");
    EXPECT_EQ(all[0][item_state::committed], 70U);
    EXPECT_EQ(all[0][item_state::dropped], 10U);
    EXPECT_EQ(all[0][item_state::dead], 20U);
    EXPECT_EQ(all[0][item_state::pending], 0U);
    EXPECT_EQ(all[1].name, "weekly");
    const auto now = std::chrono::system_clock::now();
    EXPECT_LT(now - all[0].last, std::chrono::minutes(1));
    EXPECT_LE(all[0].begun, all[0].last);
}

TYPED_TEST_P(ledger_keeping, an_item_is_found_by_its_key) {
    this->run("nightly", 10);
    const auto fine = this->kept.find("nightly", key_of_text("5"));
    ASSERT_TRUE(fine);
    EXPECT_EQ(fine->state, item_state::committed);
    EXPECT_EQ(fine->key, key_of_text("5"));
    const auto dead = this->kept.find("nightly", key_of_text("2"));
    ASSERT_TRUE(dead);
    EXPECT_EQ(dead->state, item_state::dead);
    EXPECT_EQ(dead->letter.reason, "number 2");
    EXPECT_EQ(dead->letter.kind, error_kind::parse);
    EXPECT_EQ(dead->letter.stage, "rows");
    EXPECT_FALSE(this->kept.find("nightly", key_of_text("11")));
    EXPECT_FALSE(this->kept.find("weekly", key_of_text("5")));
}

TYPED_TEST_P(ledger_keeping, dead_items_come_in_pages) {
    this->run("nightly", 100);
    std::set<std::string> origins;
    item_key behind;
    for (int pages = 0; pages < 5; ++pages) {
        const auto page = this->kept.dead("nightly", 7, behind);
        if (page.empty()) break;
        EXPECT_LE(page.size(), 7U);
        for (const ledger_item& one : page) {
            EXPECT_LT(behind, one.key);
            behind = one.key;
            origins.insert(one.letter.origin);
        }
    }
    EXPECT_EQ(origins.size(), 20U);
    EXPECT_TRUE(this->kept.dead("weekly").empty());
}

TYPED_TEST_P(ledger_keeping, a_ledger_is_forgotten_by_name_and_no_other) {
    this->run("weekly", 10);
    this->run("it's", 30);
    EXPECT_EQ(this->kept.forget("it's"), 30U);
    EXPECT_EQ(this->kept.forget("it's"), 0U);
    ASSERT_EQ(this->kept.list().size(), 1U);
    EXPECT_EQ(this->kept.list()[0].name, "weekly");
    EXPECT_EQ(this->place.value("SELECT count(*) FROM penstock_ledger"), "10");
    EXPECT_EQ(this->place.value("SELECT count(*) FROM entries"), "72") << "the rows stay";
    this->run("it's", 10);
    EXPECT_EQ(this->place.value("SELECT count(*) FROM entries"), "90") << "and it knows nothing any more";
}

TYPED_TEST_P(ledger_keeping, the_number_of_a_forgotten_ledger_is_never_given_again) {
    this->run("old", 10);
    const std::string old = this->place.value("SELECT id FROM penstock_ledgers");
    this->kept.forget("old");
    this->run("new", 10);
    EXPECT_NE(this->place.value("SELECT id FROM penstock_ledgers"), old) << "a run may still settle items in it";
}

TYPED_TEST_P(ledger_keeping, ledgers_are_forgotten_by_age) {
    this->run("old", 10);
    this->run("new", 10);
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    EXPECT_TRUE(this->kept.forget_unused_since(now - std::chrono::hours(24)).empty());
    this->place.make_older("old");
    EXPECT_EQ(this->kept.forget_unused_since(now - std::chrono::hours(24)), std::vector<std::string>{"old"});
    EXPECT_EQ(this->kept.list().size(), 1U);
}

TYPED_TEST_P(ledger_keeping, a_database_without_ledgers_says_so) {
    EXPECT_THROW(this->kept.list(), preflight_failed);
    EXPECT_THROW(this->kept.forget("x"), preflight_failed);
}

REGISTER_TYPED_TEST_SUITE_P(ledger_keeping, ledgers_are_listed_with_their_counts, an_item_is_found_by_its_key,
                            dead_items_come_in_pages, a_ledger_is_forgotten_by_name_and_no_other,
                            the_number_of_a_forgotten_ledger_is_never_given_again, ledgers_are_forgotten_by_age,
                            a_database_without_ledgers_says_so);

}  // namespace penstock::testing
