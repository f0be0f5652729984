#include "sqlite_store.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;

struct node {
    std::int64_t id = 0;
    std::optional<std::int64_t> parent{};
    std::optional<std::string> note{};
};

table<node> nodes() {
    return table("nodes", column("id", &node::id).key(), column("parent", &node::parent), column("note", &node::note));
}

/// One batch for all that is given: only the end closes it.
constexpr store_options one_batch{.max_age = 1h};

struct sqlite_refusal_test : ::testing::Test {
    temporary_folder folder;
    const std::filesystem::path file = folder / "nodes.db";
    const other_program other{file};

    /// Stores one batch of items into a table that was made so; says how each item ended.
    std::map<std::uint64_t, fake_run::settlement> store_into(const std::string& sql,
                                                             std::vector<std::vector<node>> items) {
        other.run(sql);
        sqlite_store<node> store(file, nodes(), one_batch);
        store.begin().give_together(std::move(items));
        store.finish();
        EXPECT_EQ(store.run.failed(), "");
        return store.run.settled();
    }
    std::vector<std::string> ids() { return other.ask("select id from nodes order by id"); }
};

using texts = std::vector<std::string>;

TEST_F(sqlite_refusal_test, P9_of_two_items_with_one_key_exactly_the_later_is_dead) {
    const auto ends = store_into("create table nodes(id integer primary key, parent int, note text)",
                                 {{{1}, {2}}, {{3}, {2}, {4}}, {{5}}});
    EXPECT_EQ(ends.at(0).how, outcome::committed);
    EXPECT_EQ(ends.at(1).how, outcome::dead);
    EXPECT_EQ(ends.at(1).reason, "table nodes: UNIQUE constraint failed: nodes.id (row 1 of the item, counted from 0)");
    EXPECT_EQ(ends.at(2).how, outcome::committed);
    EXPECT_EQ(ids(), (texts{"1", "2", "5"})) << "all rows of the dead item are gone, none of any other";
}

TEST_F(sqlite_refusal_test, P9_a_key_that_is_in_the_table_already_costs_one_item) {
    const auto ends = store_into(
        "create table nodes(id integer primary key, parent int, note text);"
        "insert into nodes values (2, 0, 'old')",
        {{{1}}, {{2}}, {{3}}});
    EXPECT_EQ(ends.at(1).how, outcome::dead);
    EXPECT_EQ(ids(), (texts{"1", "2", "3"}));
    EXPECT_EQ(other.value("select note from nodes where id = 2"), "old");
}

TEST_F(sqlite_refusal_test, P9_not_null_and_check_cost_one_item_each) {
    const auto ends =
        store_into("create table nodes(id integer primary key, parent int check (parent > 0), note text not null)",
                   {{{1, 1, "a"}}, {{2, 1, {}}}, {{3, -1, "a"}}, {{4, 1, "a"}}});
    EXPECT_EQ(ends.at(1).how, outcome::dead);
    EXPECT_TRUE(holds(ends.at(1).reason, "NOT NULL constraint failed: nodes.note"));
    EXPECT_EQ(ends.at(2).how, outcome::dead);
    EXPECT_TRUE(holds(ends.at(2).reason, "CHECK constraint failed"));
    EXPECT_EQ(ids(), (texts{"1", "4"}));
}

TEST_F(sqlite_refusal_test, P9_a_foreign_key_costs_one_item) {
    const auto ends =
        store_into("create table nodes(id integer primary key, parent int references nodes(id), note text)",
                   {{{1}}, {{2, 99, {}}}, {{3, 1, {}}}});
    EXPECT_EQ(ends.at(1).how, outcome::dead);
    EXPECT_TRUE(holds(ends.at(1).reason, "FOREIGN KEY constraint failed"));
    EXPECT_EQ(ids(), (texts{"1", "3"}));
}

TEST_F(sqlite_refusal_test, P9_a_deferred_foreign_key_costs_one_item) {
    const auto ends = store_into(
        "create table nodes(id integer primary key, note text,"
        " parent int references nodes(id) deferrable initially deferred)",
        {{{1, 2, {}}, {2}}, {{3, 99, {}}}, {{4, 1, {}}}});
    EXPECT_EQ(ends.at(1).how, outcome::dead);
    EXPECT_TRUE(holds(ends.at(1).reason, "FOREIGN KEY constraint failed"));
    EXPECT_EQ(ids(), (texts{"1", "2", "4"}));
}

TEST_F(sqlite_refusal_test, P9_a_trigger_that_raises_costs_one_item) {
    for (const std::string how : {"abort", "fail", "rollback"}) {
        other.run("drop table if exists nodes");
        const auto ends = store_into(
            "create table nodes(id integer primary key, parent int, note text);"
            "create trigger no_two before insert on nodes when new.id = 2 begin select raise("
                + how + ", 'no twos'); end",
            {{{1}}, {{10}, {2}}, {{3}}, {{2}}, {{4}}});
        EXPECT_EQ(ends.at(1).how, outcome::dead) << how;
        EXPECT_TRUE(holds(ends.at(1).reason, "no twos (row 1 of the item"));
        EXPECT_EQ(ends.at(3).how, outcome::dead);
        EXPECT_EQ(ids(), (texts{"1", "3", "4"})) << how;
    }
}

TEST_F(sqlite_refusal_test, P9_an_error_of_a_function_costs_one_item) {
    const auto ends = store_into(
        "create table nodes(id integer primary key, parent int,"
        " note text check (json_extract(note, '$.a') = 1))",
        {{{1, {}, R"({"a":1})"}}, {{2, {}, "{"}}, {{3, {}, R"({"a":1})"}}});
    EXPECT_EQ(ends.at(1).how, outcome::dead);
    EXPECT_TRUE(holds(ends.at(1).reason, "malformed JSON"));
    EXPECT_EQ(ids(), (texts{"1", "3"}));
}

TEST_F(sqlite_refusal_test, P10_a_batch_of_nothing_but_bad_items_is_all_dead) {
    std::vector<std::vector<node>> items;
    for (int i = 0; i < 200; ++i) items.push_back({{7}});
    const auto ends = store_into(
        "create table nodes(id integer primary key, parent int, note text);"
        "insert into nodes(id) values (7)",
        std::move(items));
    for (const auto& [item, end] : ends) EXPECT_EQ(end.how, outcome::dead) << item;
    EXPECT_EQ(ends.size(), 200U);
    EXPECT_EQ(ids(), texts{"7"});
}

TEST_F(sqlite_refusal_test, P9_one_bad_row_in_ten_thousand_is_one_dead_letter) {
    other.run("create table nodes(id integer primary key, parent int, note text)");
    sqlite_store<node> store(file, nodes(), {.max_age = 1h}, 100'000);
    store.begin();
    for (std::int64_t id = 0; id < 10'000; ++id) store.give({{id == 7777 ? 3333 : id}});
    store.finish();
    EXPECT_EQ(store.run.count(outcome::committed), 9'999U);
    EXPECT_EQ(store.run.settled().at(7777).how, outcome::dead);
    EXPECT_EQ(store.run.metrics().store.rows, 9'999U);
    EXPECT_EQ(other.value("select count(*) from nodes"), "9999");
}

}  // namespace
}  // namespace penstock::testing
