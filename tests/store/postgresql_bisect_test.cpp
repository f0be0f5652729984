#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "stages/store/postgresql/bisect.hpp"

namespace penstock::detail::postgresql {
namespace {

/// Takes every item but the bad ones, and counts how often it is asked.
struct table_of_items {
    std::set<std::size_t> bad;
    std::vector<std::size_t> taken{};
    std::size_t tries = 0;

    std::vector<std::size_t> refused(std::size_t items) {
        std::vector<std::size_t> places;
        for (const refusal& one : bisect(items, [this](item_range range) { return attempt(range); }))
            places.push_back(one.item);
        return places;
    }
    std::optional<std::string> attempt(item_range range) {
        ++tries;
        for (std::size_t item = range.first; item < range.last; ++item)
            if (bad.contains(item)) return "bad";
        for (std::size_t item = range.first; item < range.last; ++item) taken.push_back(item);
        return {};
    }
};

TEST(postgresql_bisect_test, P9_every_single_bad_item_is_found_and_the_others_keep_their_order) {
    for (std::size_t items = 1; items <= 40; ++items)
        for (std::size_t bad = 0; bad < items; ++bad) {
            table_of_items table{{bad}};
            EXPECT_EQ(table.refused(items), std::vector<std::size_t>{bad});
            EXPECT_EQ(table.taken.size(), items - 1);
            EXPECT_TRUE(std::ranges::is_sorted(table.taken));
        }
}

TEST(postgresql_bisect_test, P9_one_bad_item_in_a_thousand_takes_few_tries) {
    for (std::size_t bad = 0; bad < 1000; ++bad) {
        table_of_items table{{bad}};
        table.refused(1000);
        EXPECT_LE(table.tries, 20U);
    }
}

TEST(postgresql_bisect_test, P10_nothing_but_bad_items_takes_two_tries_each_at_most) {
    table_of_items table;
    for (std::size_t item = 0; item < 1000; ++item) table.bad.insert(item);
    EXPECT_EQ(table.refused(1000).size(), 1000U);
    EXPECT_LE(table.tries, 2000U);
}

TEST(postgresql_bisect_test, a_refusal_that_does_not_come_again_refuses_nobody) {
    table_of_items table;
    EXPECT_TRUE(table.refused(7).empty());
    EXPECT_EQ(table.taken.size(), 7U);
}

}  // namespace
}  // namespace penstock::detail::postgresql
