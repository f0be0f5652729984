#include "postgresql_store.hpp"

namespace penstock::testing {
namespace {

using texts = std::vector<std::string>;

/// What each policy must do, with the same items in both databases: S5.
struct conflict_test : ::testing::Test {
    own_schema schema;
    temporary_folder folder;

    struct outcome_of_both {
        texts rows;
        std::vector<std::size_t> dead;
    };

    /// Stores one batch into a table that was made so, in both databases; they must agree.
    outcome_of_both store_into(const std::string& columns, conflict_policy conflicts,
                               const std::vector<std::vector<node>>& given,
                               const std::string& old_rows = "(2, 20, 'old'), (3, 30, 'old')") {
        store_options options = one_batch;
        options.conflicts = conflicts;
        const std::string make = "drop table if exists nodes; create table nodes(" + columns
                                 + "); insert into nodes(id, parent, note) values ";
        schema.other.run(make + old_rows);
        const other_program file(folder / "nodes.db");
        file.run(make + old_rows);

        postgresql_store<node> server(schema.url(), nodes(), options);
        server.begin().give_together(given);
        server.finish();
        EXPECT_EQ(server.run.failed(), "");
        sqlite_store<node> embedded(folder / "nodes.db", nodes(), options);
        embedded.begin().give_together(given);
        embedded.finish();
        EXPECT_EQ(embedded.run.failed(), "");

        const std::string all = "select id, parent, note from nodes order by id";
        const outcome_of_both made{schema.other.ask(all), dead_of(server.run)};
        EXPECT_EQ(file.ask(all), made.rows);
        EXPECT_EQ(dead_of(embedded.run), made.dead);
        letters = server.run.settled();
        return made;
    }
    static std::vector<std::size_t> dead_of(const fake_run& run) {
        std::vector<std::size_t> dead;
        for (const auto& [item, end] : run.settled())
            if (end.how != outcome::committed) dead.push_back(item);
        return dead;
    }

    std::map<std::uint64_t, fake_run::settlement> letters;
    const std::string plain = "id bigint primary key, parent bigint, note text";
    /// Two new keys, two old ones, and keys that come more than once: within an item, and in several.
    const std::vector<std::vector<node>> items{
        {{1, 1, "a"}}, {{2, 20, "old"}, {4, 4, "b"}}, {{4, 5, "c"}}, {{3, 3, {}}, {3, 4, {}}}, {{1, 6, "d"}}, {}};
    const std::vector<std::size_t> nobody{};
};

TEST_F(conflict_test, S5_error_costs_the_item_that_comes_later) {
    const auto made = store_into(plain, conflict_policy::error, items);
    EXPECT_EQ(made.rows, (texts{"1|1|a", "2|20|old", "3|30|old", "4|5|c"}));
    EXPECT_EQ(made.dead, (std::vector<std::size_t>{1, 3, 4}));
}

TEST_F(conflict_test, S5_ignore_keeps_what_was_there_first) {
    const auto made = store_into(plain, conflict_policy::ignore, items);
    EXPECT_EQ(made.rows, (texts{"1|1|a", "2|20|old", "3|30|old", "4|4|b"}));
    EXPECT_EQ(made.dead, nobody);
}

TEST_F(conflict_test, S5_update_keeps_what_came_last) {
    for (const auto policy : {conflict_policy::update, conflict_policy::update_if_different}) {
        const auto made = store_into(plain, policy, items);
        EXPECT_EQ(made.rows, (texts{"1|6|d", "2|20|old", "3|4|NULL", "4|5|c"})) << to_string(policy);
        EXPECT_EQ(made.dead, nobody);
    }
}

TEST_F(conflict_test, the_last_of_many_rows_with_one_key_wins) {
    std::vector<std::vector<node>> many;
    for (std::int64_t i = 0; i < 5000; ++i) many.push_back({{i % 7, i, std::string(200, 'x')}});
    const auto made = store_into(plain, conflict_policy::update, many, "(0, 0, '')");
    ASSERT_EQ(made.rows.size(), 7U);
    for (std::int64_t id = 0; id < 7; ++id) {
        const std::string last = std::to_string(4999 - (4999 - id) % 7);
        EXPECT_TRUE(made.rows[static_cast<std::size_t>(id)].starts_with(std::to_string(id) + '|' + last + '|'));
    }
}

TEST_F(conflict_test, P9_a_bad_row_among_conflicts_costs_its_item_only) {
    const std::string checked =
        "id bigint primary key, parent bigint check (parent > 0), note varchar(9) check (length(note) < 10)";
    for (const auto policy : {conflict_policy::ignore, conflict_policy::update}) {
        const auto made = store_into(checked, policy,
                                     {{{2, 1, "new"}},
                                      {{5, 5, "a"}, {6, -1, "a"}},
                                      {{7, 7, "much too long"}},
                                      {{8, 8, "a"}},
                                      {{2, 2, "newer"}}});
        EXPECT_EQ(made.dead, (std::vector<std::size_t>{1, 2})) << to_string(policy);
        const bool kept = policy == conflict_policy::ignore;
        EXPECT_EQ(made.rows, (texts{kept ? "2|20|old" : "2|2|newer", "3|30|old", "8|8|a"}));
        EXPECT_TRUE(holds(letters.at(1).reason, "table nodes: 23514"));
        EXPECT_TRUE(holds(letters.at(2).reason, "table nodes, column note: 22001"));
        EXPECT_TRUE(holds(letters.at(2).reason, "(row 0 of the item"));
    }
}

TEST_F(conflict_test, P9_a_value_that_looks_like_the_line_of_a_copy_condemns_no_other_item) {
    const std::vector<std::vector<node>> given{{{11, 1, "good"}},
                                               {{12, 1, "0123456789"}},
                                               {{13, 1, "good"}},
                                               {{14, 1, "good"}},
                                               {{15, 1, "0123456789\nCOPY nodes, line 1"}}};
    const auto made = store_into("id bigint primary key, parent bigint, note varchar(9) check (length(note) <= 9)",
                                 conflict_policy::update, given);
    EXPECT_EQ(made.dead, (std::vector<std::size_t>{1, 4}));
}

TEST_F(conflict_test, P9_another_unique_column_is_no_key) {
    const auto made = store_into("id bigint primary key, parent bigint unique, note text", conflict_policy::update,
                                 {{{2, 21, "new"}}, {{9, 30, "new"}}, {{10, 10, "new"}}});
    EXPECT_EQ(made.dead, (std::vector<std::size_t>{1}));
    EXPECT_EQ(made.rows, (texts{"2|21|new", "3|30|old", "10|10|new"}));
    EXPECT_TRUE(holds(letters.at(1).reason, "nodes_parent_key"));
}

TEST_F(conflict_test, rows_that_are_the_same_are_not_written_again) {
    (void)store_into(plain, conflict_policy::update_if_different, {{{2, 20, "old"}}, {{3, 30, "new"}}});
    EXPECT_EQ(schema.other.ask("select id from nodes where xmin <> (select xmin from nodes where id = 2)"), texts{"3"});
    (void)store_into(plain, conflict_policy::update, {{{2, 20, "old"}}, {{3, 30, "new"}}});
    EXPECT_EQ(schema.other.value("select count(distinct xmin::text) from nodes"), "1");
}

TEST_F(conflict_test, a_batch_without_conflicts_is_copied_straight_into_the_table) {
    schema.other.run(
        "create table nodes(id bigint primary key, parent bigint, note text);"
        "create table seen(query text); create function look() returns trigger language plpgsql as "
        "$$ begin insert into seen values (replace(current_query(), 'BEGIN; ', '')); return null; end $$;"
        "create trigger t after insert on nodes for each statement execute function look()");
    postgresql_store<node> store(schema.url(), nodes(), {.conflicts = conflict_policy::update, .max_rows = 1});
    store.begin();
    store.give({{1, 1, "a"}});
    ASSERT_TRUE(store.wait());
    schema.other.run("delete from seen where query not like 'COPY %'");
    store.give({{1, 2, "b"}});
    store.give({{2, 2, "b"}});
    store.finish();
    EXPECT_EQ(schema.other.ask("select left(query, 6), count(*) from seen group by 1 order by 1"),
              (texts{"COPY \"|2", "INSERT|2"}));
    EXPECT_EQ(schema.other.ask("select * from nodes order by id"), (texts{"1|2|b", "2|2|b"}));
}

TEST_F(conflict_test, P12_a_staging_table_that_is_gone_is_no_items_fault) {
    // As it is behind a pooler that changes the server's session between two transactions.
    schema.other.run(
        "create table nodes(id bigint primary key, parent bigint, note text);"
        "create function forget() returns trigger language plpgsql as $$ declare t text; begin "
        "for t in select relname from pg_class where relnamespace = pg_my_temp_schema() and relkind = 'r' loop "
        "execute 'drop table pg_temp.' || quote_ident(t); end loop; return null; end $$;"
        "create trigger t after insert on nodes for each row execute function forget()");
    postgresql_store<node> store(schema.url(), nodes(), {.conflicts = conflict_policy::update, .max_rows = 1});
    store.begin();
    store.give({{1, 1, "a"}});
    ASSERT_TRUE(store.wait());
    store.give({{1, 2, "b"}});
    store.finish();
    EXPECT_TRUE(holds(store.run.failed(), "database_changed"));
    EXPECT_EQ(store.run.count(outcome::dead), 0U);
}

TEST_F(conflict_test, a_table_of_keys_alone_has_nothing_to_update) {
    const auto keys = table("nodes", column("id", &node::id).key());
    schema.other.run("create table nodes(id bigint primary key); insert into nodes values (1)");
    for (const auto policy : {conflict_policy::update, conflict_policy::update_if_different}) {
        postgresql_store<node> store(schema.url(), keys, {.conflicts = policy});
        store.begin().give_together({{{1}}, {{2}}});
        store.finish();
        EXPECT_EQ(store.run.count(outcome::committed), 2U);
    }
}

TEST_F(conflict_test, json_is_compared_as_text) {
    struct note {
        std::int64_t id = 0;
        json_text text{};
    };
    const auto notes = table("notes", column("id", &note::id).key(), column("text", &note::text));
    postgresql_store<note> store(
        schema.url(), notes, {.create_table = true, .conflicts = conflict_policy::update_if_different, .max_rows = 1});
    store.begin();
    store.give({{1, {"[1]"}}});
    store.give({{1, {"[1 ]"}}});
    store.finish();
    EXPECT_EQ(store.run.count(outcome::committed), 2U);
    EXPECT_EQ(schema.other.value("select text from notes"), "[1 ]");
}

TEST_F(conflict_test, P1_a_policy_without_an_index_on_the_key_is_refused_before_anything_is_taken) {
    const store_options options{.conflicts = conflict_policy::ignore};
    schema.other.run("create table nodes(id bigint, parent bigint, note text)");
    const std::string why = "no unique index on just the key's columns, which conflicts = ignore needs";
    EXPECT_TRUE(holds(postgresql_store<node>(schema.url(), nodes(), options).preflight_message(), why));
    other_program(folder / "nodes.db").run("create table nodes(id bigint, parent bigint, note text)");
    EXPECT_TRUE(holds(sqlite_store<node>(folder / "nodes.db", nodes(), options).preflight_message(), why));
    schema.other.run("create unique index on nodes(id)");
    EXPECT_EQ(postgresql_store<node>(schema.url(), nodes(), options).preflight_message(), "");
}

TEST_F(conflict_test, a_policy_without_a_key_is_refused) {
    const auto keyless = table("nodes", column("id", &node::id));
    EXPECT_TRUE(holds(refusal_of([&] {
                          detail::make_store_piece(database("sqlite:x.db"), keyless,
                                                   {.conflicts = conflict_policy::update});
                      }),
                      "store_options::conflicts is update, and table nodes has no key"));
}

}  // namespace
}  // namespace penstock::testing
