#include "postgresql_store.hpp"

namespace penstock::testing {
namespace {

struct postgresql_refusal_test : ::testing::Test {
    own_schema schema;

    /// Stores one batch of items into a table that was made so; says how each item ended.
    std::map<std::uint64_t, fake_run::settlement> store_into(const std::string& sql,
                                                             std::vector<std::vector<node>> items) {
        schema.other.run(sql);
        postgresql_store<node> store(schema.url(), nodes(), one_batch, 8 * items.size() + 8);
        store.begin().give_together(std::move(items));
        store.finish();
        EXPECT_EQ(store.run.failed(), "");
        return store.run.settled();
    }
    std::vector<std::string> ids() { return schema.other.ask("select id from nodes order by id"); }

    /// A thousand items of a row each, of which one is replaced, into a table that refuses just that one.
    std::string reason_of_one_in_a_thousand(const std::string& sql, const node& poison) {
        std::vector<std::vector<node>> items;
        for (std::int64_t id = 0; id < 1000; ++id) items.push_back({{id, 1, "a"}});
        items[777] = {poison};
        const auto ends = store_into(sql, std::move(items));
        for (const auto& [item, end] : ends)
            EXPECT_EQ(end.how, item == 777 ? outcome::dead : outcome::committed) << item << ' ' << end.reason;
        EXPECT_EQ(schema.other.value("select count(*) from nodes where id < 1000"), "999");
        return ends.at(777).reason;
    }
};

using texts = std::vector<std::string>;

TEST_F(postgresql_refusal_test, P9_of_two_items_with_one_key_exactly_the_later_is_dead) {
    const auto ends = store_into("create table nodes(id bigint primary key, parent bigint, note text)",
                                 {{{1}, {2}}, {{3}, {2}, {4}}, {{5}}});
    EXPECT_EQ(ends.at(0).how, outcome::committed);
    EXPECT_EQ(ends.at(1).how, outcome::dead);
    EXPECT_EQ(ends.at(1).reason,
              "table nodes: 23505 duplicate key value violates unique constraint \"nodes_pkey\": Key (id)=(2) already "
              "exists (row 1 of the item, counted from 0)");
    EXPECT_EQ(ends.at(2).how, outcome::committed);
    EXPECT_EQ(ids(), (texts{"1", "2", "5"})) << "all rows of the dead item are gone, none of any other";
}

TEST_F(postgresql_refusal_test, P9_a_duplicate_key_costs_one_item) {
    EXPECT_TRUE(holds(reason_of_one_in_a_thousand("create table nodes(id bigint primary key, parent bigint, note text)",
                                                  {333, 1, "a"}),
                      "23505"));
}

TEST_F(postgresql_refusal_test, P9_a_null_costs_one_item) {
    EXPECT_TRUE(holds(
        reason_of_one_in_a_thousand("create table nodes(id bigint, parent bigint, note text not null)", {777, 1, {}}),
        "23502"));
}

TEST_F(postgresql_refusal_test, P9_a_check_costs_one_item) {
    EXPECT_TRUE(holds(reason_of_one_in_a_thousand(
                          "create table nodes(id bigint, parent bigint check (parent > 0), note text)", {777, -1, "a"}),
                      "23514"));
}

TEST_F(postgresql_refusal_test, P9_a_foreign_key_costs_one_item) {
    EXPECT_TRUE(holds(reason_of_one_in_a_thousand(
                          "create table nodes(id bigint primary key, parent bigint references nodes(id), note text)",
                          {777, 9999, "a"}),
                      "23503 insert or update on table \"nodes\" violates foreign key constraint"));
}

TEST_F(postgresql_refusal_test, P9_a_deferred_foreign_key_costs_one_item) {
    EXPECT_TRUE(holds(reason_of_one_in_a_thousand("create table nodes(id bigint primary key, note text, parent bigint "
                                                  "references nodes(id) deferrable initially deferred)",
                                                  {777, 9999, "a"}),
                      "Key (parent)=(9999) is not present in table \"nodes\""));
}

TEST_F(postgresql_refusal_test, P9_a_deferred_unique_key_costs_one_item) {
    EXPECT_TRUE(holds(reason_of_one_in_a_thousand("create table nodes(id bigint unique deferrable initially deferred, "
                                                  "parent bigint, note text)",
                                                  {333, 1, "a"}),
                      "23505"));
}

TEST_F(postgresql_refusal_test, P9_a_trigger_that_raises_costs_one_item) {
    const std::string reason = reason_of_one_in_a_thousand(
        "create table nodes(id bigint, parent bigint, note text);"
        "create function no_poison() returns trigger language plpgsql as "
        "$$ begin if new.note = 'poison' then raise exception 'no % here', new.note; end if; return new; end $$;"
        "create trigger t before insert on nodes for each row execute function no_poison()",
        {777, 1, "poison"});
    EXPECT_TRUE(holds(reason, "P0001 no poison here (row 0 of the item"));
}

TEST_F(postgresql_refusal_test, P9_a_number_that_the_column_cannot_hold_costs_one_item) {
    EXPECT_TRUE(holds(
        reason_of_one_in_a_thousand("create table nodes(id bigint, parent smallint, note text)", {777, 40'000, "a"}),
        "22003"));
}

TEST_F(postgresql_refusal_test, P9_a_text_that_is_too_long_costs_one_item) {
    EXPECT_TRUE(holds(
        reason_of_one_in_a_thousand("create table nodes(id bigint, parent bigint, note varchar(3))", {777, 1, "abcd"}),
        "22001"));
}

TEST_F(postgresql_refusal_test, P9_a_text_that_is_no_date_costs_one_item) {
    std::vector<std::vector<node>> items{{{1, 1, "2026-11-22"}}, {{2, 1, "soon"}}, {{3, 1, {}}}};
    const auto ends = store_into("create table nodes(id bigint, parent bigint, note date)", std::move(items));
    EXPECT_TRUE(holds(ends.at(1).reason, "22007 invalid input syntax for type date: \"soon\""));
    EXPECT_EQ(ids(), (texts{"1", "3"}));
}

TEST_F(postgresql_refusal_test, P9_an_index_row_that_is_too_long_costs_one_item) {
    std::string noise;  // Nothing that compresses.
    for (std::uint32_t i = 0, seed = 1; i < 20'000; ++i)
        noise += static_cast<char>('!' + (seed = seed * 1664525 + 1013904223) % 90U);
    EXPECT_TRUE(holds(reason_of_one_in_a_thousand("create table nodes(id bigint, parent bigint, note text);"
                                                  "create index on nodes(note)",
                                                  {777, 1, noise}),
                      "54000"));
}

TEST_F(postgresql_refusal_test, P10_a_batch_of_nothing_but_bad_items_is_all_dead) {
    const std::vector<std::vector<node>> items(200, {{7}});
    const auto ends = store_into(
        "create table nodes(id bigint primary key, parent bigint, note text); insert into nodes(id) values (7)", items);
    for (const auto& [item, end] : ends) EXPECT_EQ(end.how, outcome::dead) << item;
    EXPECT_EQ(ends.size(), 200U);
    EXPECT_EQ(ids(), texts{"7"});
}

TEST_F(postgresql_refusal_test, P9_items_without_rows_ride_along_with_a_bad_one) {
    const auto ends = store_into("create table nodes(id bigint primary key, parent bigint, note text)",
                                 {{}, {{1}}, {}, {{1}}, {}, {{2}}});
    EXPECT_EQ(ends.at(3).how, outcome::dead);
    EXPECT_EQ(ids(), (texts{"1", "2"}));
    EXPECT_EQ(std::ranges::count(ends, outcome::committed, [](const auto& end) { return end.second.how; }), 5);
}

/// S5: the same items into both databases, one for each rule that both can have.
TEST_F(postgresql_refusal_test, S5_the_same_rows_give_the_same_dead_letters_as_sqlite) {
    const std::vector<std::vector<node>> items{{{1, 1, "a"}},
                                               {{2, 1, {}}},
                                               {{3, -1, "a"}},
                                               {{4, 99, "a"}},
                                               {{5, 1, "a"}, {1, 1, "a"}},
                                               {{6, 1, std::string("n\0l", 3)}},
                                               {{7, 1, "bad \xff"}},
                                               {{8, 7, "a"}},
                                               {{9, 1, "too long"}},
                                               {{10, 1, "é😀"}}};
    const std::string columns =
        " parent bigint check (parent > 0) references nodes(id), note text not null check (length(note) < 5))";
    const auto expected = store_into("create table nodes(id bigint primary key," + columns, items);
    const temporary_folder folder;
    const other_program file(folder / "nodes.db");
    file.run("create table nodes(id integer primary key," + columns);
    sqlite_store<node> sqlite(folder / "nodes.db", nodes(), one_batch);
    sqlite.begin().give_together(items);
    sqlite.finish();
    const auto found = sqlite.run.settled();
    ASSERT_EQ(found.size(), expected.size());
    for (const auto& [item, end] : expected) EXPECT_EQ(end.how, found.at(item).how) << item << ' ' << end.reason;
    EXPECT_EQ(ids(), (texts{"1", "10"}));
    EXPECT_EQ(file.ask("select id from nodes order by id"), ids());
}

}  // namespace
}  // namespace penstock::testing
