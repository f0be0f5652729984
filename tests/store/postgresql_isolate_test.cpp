#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "stages/store/postgresql/isolate.hpp"

namespace penstock::detail::postgresql {
namespace {

/// Takes every item but the bad ones, counts how often it is asked and how much it is sent.
struct table_of_items {
    std::set<std::size_t> bad;
    bool names_items = false;
    std::vector<std::size_t> taken{};
    std::size_t tries = 0;
    std::size_t sent = 0;

    std::vector<std::size_t> refused(std::size_t items) {
        const refused_try why = attempt({0, items}).value_or(refused_try{"bad"});
        tries = sent = 0;
        taken.clear();
        std::vector<std::size_t> places;
        for (const refusal& one : isolate(items, why, [this](item_range range) { return attempt(range); }))
            places.push_back(one.item);
        return places;
    }
    std::optional<refused_try> attempt(item_range range) {
        ++tries;
        sent += range.size();
        for (std::size_t item = range.first; item < range.last; ++item)
            if (bad.contains(item)) {
                if (names_items) return refused_try{"bad", item - range.first};
                return refused_try{"bad"};
            }
        for (std::size_t item = range.first; item < range.last; ++item) taken.push_back(item);
        return {};
    }
};

TEST(postgresql_isolate_test, P9_every_single_bad_item_is_found_and_the_others_keep_their_order) {
    for (const bool named : {false, true})
        for (std::size_t items = 1; items <= 40; ++items)
            for (std::size_t bad = 0; bad < items; ++bad) {
                table_of_items table{{bad}, named};
                EXPECT_EQ(table.refused(items), std::vector<std::size_t>{bad});
                EXPECT_EQ(table.taken.size(), items - 1);
                EXPECT_TRUE(std::ranges::is_sorted(table.taken));
            }
}

TEST(postgresql_isolate_test, P9_any_bad_items_are_found_and_no_others) {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        const std::size_t items = 2 + random() % 60;
        table_of_items table{{}, round % 2 == 0};
        for (std::size_t i = random() % (items + 1); i > 0; --i) table.bad.insert(random() % items);
        EXPECT_EQ(table.refused(items), std::vector(table.bad.begin(), table.bad.end()));
        EXPECT_EQ(table.taken.size(), items - table.bad.size());
        EXPECT_TRUE(std::ranges::is_sorted(table.taken));
    }
}

TEST(postgresql_isolate_test, P9_one_bad_item_in_a_thousand_takes_few_tries) {
    for (std::size_t bad = 0; bad < 1000; ++bad) {
        table_of_items halved{{bad}};
        halved.refused(1000);
        EXPECT_LE(halved.tries, 20U);
        table_of_items named{{bad}, true};
        named.refused(1000);
        EXPECT_LE(named.tries, 2U);
    }
}

TEST(postgresql_isolate_test, P10_the_cost_of_many_bad_items_grows_as_their_number) {
    for (const bool named : {false, true})
        for (const std::size_t percent : {1U, 30U, 100U})
            for (const std::size_t items : {1000U, 10'000U}) {
                table_of_items table{{}, named};
                std::mt19937 random(7);
                for (std::size_t item = 0; item < items; ++item)
                    if (random() % 100 < percent) table.bad.insert(item);
                EXPECT_EQ(table.refused(items).size(), table.bad.size());
                EXPECT_LE(table.tries, percent == 1 ? 20 * table.bad.size() : 2 * items) << named << percent;
                EXPECT_LE(table.sent, 16 * items) << named << ' ' << percent << ' ' << items;
            }
}

TEST(postgresql_isolate_test, an_item_that_is_bad_only_beside_a_bad_one_goes_in) {
    // 3 and 7 have the same key; 3 is refused at the end of the statement, for another reason.
    std::set<std::size_t> in;
    const auto attempt = [&](item_range range) -> std::optional<refused_try> {
        const auto has = [&](std::size_t item) { return item >= range.first && item < range.last; };
        if (has(7) && has(3)) return refused_try{"twice", 7 - range.first};
        if (has(3)) return refused_try{"no parent"};
        for (std::size_t item = range.first; item < range.last; ++item) in.insert(item);
        return {};
    };
    const auto refused = isolate(10, {"twice", 7}, attempt);
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_EQ(refused[0].item, 3U);
    EXPECT_EQ(refused[0].reason, "no parent");
    EXPECT_EQ(in.size(), 9U);
}

TEST(postgresql_isolate_test, a_refusal_that_does_not_come_again_refuses_nobody) {
    table_of_items table;
    EXPECT_TRUE(table.refused(7).empty());
    EXPECT_EQ(table.taken.size(), 7U);
}

}  // namespace
}  // namespace penstock::detail::postgresql
