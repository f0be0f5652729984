#include <algorithm>
#include <penstock/penstock.hpp>
#include <tuple>

#include "postgresql_store.hpp"

namespace penstock::testing {
namespace {

struct company {
    std::int64_t id = 0;
    std::string name;
};
struct holding {
    std::int64_t company = 0;
    std::int64_t number = 0;
    std::int64_t shares = 1;
};
/// One page: a company and what it holds.
using filing = std::tuple<company, std::vector<holding>>;
using filings = std::tuple<std::vector<company>, std::vector<holding>>;

table<company> companies() {
    return table("companies", column("id", &company::id).key(), column("name", &company::name));
}
table<holding> holdings() {
    return table("holdings", column("company", &holding::company).key(), column("number", &holding::number).key(),
                 column("shares", &holding::shares));
}

using texts = std::vector<std::string>;

struct tables_test : ::testing::Test {
    own_schema schema;
    temporary_folder folder;
    const std::filesystem::path file = folder / "filings.db";
    texts letters;

    /// Runs a whole job into both databases, with all items in one batch; they must agree. Returns the items that are
    /// dead.
    template <class Item>
    std::vector<std::uint64_t> store_into(const std::string& sql, const std::vector<Item>& items,
                                          store_options options = {}) {
        const other_program sqlite(file);
        if (!sql.empty()) sqlite.run(sql), schema.other.run(sql);
        options.max_age = std::chrono::hours(1);
        std::vector<std::uint64_t> dead_of_both[2];
        const std::string urls[2] = {schema.url(), "sqlite:" + file.string()};
        for (int i = 0; i < 2; ++i) {
            letters.clear();
            std::vector<std::uint64_t>& dead = dead_of_both[i];
            const auto keep = [&](const dead_letter& letter) {
                dead.push_back(letter.item);
                letters.push_back(letter.reason);
            };
            auto job = from(items) | parallel("item", [](const Item& item) { return item; })
                       | store(database(urls[i]), std::tuple(companies(), holdings()), options);
            const report done = job.run({.max_workers = 1, .queue_size = 4 * items.size() + 8, .dead_letters = keep});
            EXPECT_EQ(done.figures[outcome::committed], items.size() - dead.size());
            std::ranges::sort(dead);
        }
        for (const char* all : {"select id, name from companies order by id",
                                "select company, number, shares from holdings order by company, number"})
            EXPECT_EQ(sqlite.ask(all), schema.other.ask(all));
        EXPECT_EQ(dead_of_both[0], dead_of_both[1]);
        return dead_of_both[0];
    }
    texts stored_companies() { return schema.other.ask("select id from companies order by id"); }
    texts stored_holdings() { return schema.other.ask("select company, number from holdings order by 1, 2"); }
};

TEST_F(tables_test, rows_of_several_tables_go_in_together) {
    const std::vector<filings> items{
        {{{1, "a"}}, {{1, 1}, {1, 2}}}, {{}, {}}, {{{2, "b"}, {3, "c"}}, {{3, 1}}}, {{{4, "d"}}, {}}};
    EXPECT_TRUE(store_into("", items, {.create_table = true}).empty());
    EXPECT_EQ(stored_companies(), (texts{"1", "2", "3", "4"}));
    EXPECT_EQ(stored_holdings(), (texts{"1|1", "1|2", "3|1"}));
    EXPECT_EQ(schema.other.value("select count(distinct xmin::text) from"
                                 " (select xmin from companies union all select xmin from holdings) as written"),
              "1")
        << "one transaction";
}

TEST_F(tables_test, P9_an_item_that_one_table_refuses_is_in_none) {
    const std::string sql =
        "create table companies(id bigint primary key, name varchar(9) not null check (length(name) < 10));"
        "create table holdings(company bigint references companies(id), number bigint, shares bigint check (shares > "
        "0),"
        " primary key (company, number))";
    const std::vector<filing> items{{{1, "a"}, {{1, 1}, {1, 2}}},
                                    {{2, "b"}, {{2, 1}, {2, 2, -5}, {2, 3}}},  // A bad row in the second table.
                                    {{3, "a name too long"}, {{3, 1}}},        // One in the first.
                                    {{4, "d"}, {{4, 1}, {9, 1}}},              // One that points nowhere.
                                    {{5, "e"}, {{2, 7}}},                      // One that points to a refused one.
                                    {{6, std::string("\0", 1)}, {{6, 1}}},     // One that never gets there.
                                    {{7, "g"}, {{7, 1}, {1, 3}}}};
    EXPECT_EQ(store_into(sql, items), (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
    EXPECT_EQ(stored_companies(), (texts{"1", "7"}));
    EXPECT_EQ(stored_holdings(), (texts{"1|1", "1|2", "1|3", "7|1"}));
}

TEST_F(tables_test, P9_the_letter_names_the_table_and_the_row_in_it) {
    schema.other.run(
        "create table companies(id bigint primary key, name text);"
        "create table holdings(company bigint, number bigint, shares smallint)");
    const std::vector<filing> items{{{1, "a"}, {{1, 1}}}, {{2, "b"}, {{2, 1}, {2, 2, 99'999}}}, {{3, "c"}, {}}};
    auto job = from(items) | parallel("item", [](const filing& item) { return item; })
               | store(database(schema.url()), std::tuple(companies(), holdings()));
    const auto keep = [&](const dead_letter& letter) { letters.push_back(letter.reason); };
    (void)job.run({.queue_size = 100, .dead_letters = keep});
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_TRUE(holds(letters[0], "table holdings, column shares: 22003 "));
    EXPECT_TRUE(holds(letters[0], "(row 1 of the item"));
}

TEST_F(tables_test, conflicts_are_settled_in_every_table) {
    const std::vector<filing> items{
        {{1, "a"}, {{1, 1}, {1, 2}}}, {{1, "b"}, {{1, 2, 7}, {1, 3}}}, {{2, "c"}, {{1, 1, 9}}}};
    EXPECT_TRUE(store_into("", items, {.create_table = true, .conflicts = conflict_policy::update}).empty());
    EXPECT_EQ(schema.other.ask("select * from companies order by id"), (texts{"1|b", "2|c"}));
    EXPECT_EQ(schema.other.ask("select * from holdings order by number"), (texts{"1|1|9", "1|2|7", "1|3|1"}));
}

TEST_F(tables_test, P13_a_temporary_table_never_takes_the_place_of_a_real_one) {
    const auto first = table("penstock_staging_0_1", column("id", &company::id).key(), column("name", &company::name));
    const auto second = table("penstock_staging_1_0", column("company", &holding::company).key());
    const std::vector<filing> items{{{1, "a"}, {{1}}}, {{1, "b"}, {{1}, {2}}}};
    auto job = from(items) | parallel("item", [](const filing& item) { return item; })
               | store(database(schema.url()), std::tuple(first, second),
                       {.create_table = true, .conflicts = conflict_policy::update});
    EXPECT_EQ(job.run({.max_workers = 1}).figures[outcome::committed], 2U);
    EXPECT_EQ(schema.other.ask("select * from penstock_staging_0_1"), texts{"1|b"});
    EXPECT_EQ(schema.other.value("select count(*) from penstock_staging_1_0"), "2");
}

TEST_F(tables_test, P1_each_table_is_checked_before_anything_is_taken) {
    schema.other.run("create table companies(id bigint, name text)");
    auto job = from(std::vector<filing>{{}}) | parallel("item", [](const filing& item) { return item; })
               | store(database(schema.url()), std::tuple(companies(), holdings()));
    EXPECT_THROW((void)job.run(), preflight_failed);
    try {
        (void)job.run();
    } catch (const preflight_failed& why) {
        EXPECT_TRUE(holds(why.what(), "table holdings in postgresql://"));
    }
}

}  // namespace
}  // namespace penstock::testing
