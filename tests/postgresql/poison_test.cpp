#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <set>

#include "postgresql_store.hpp"
#include "stages/store/postgresql/connection.hpp"
#include "stages/store/postgresql/encoder.hpp"

namespace penstock::testing {
namespace {

/// A row on which ten kinds of poison can be tried.
struct event {
    std::int64_t id = 0;
    std::string day = "2026-11-22";
    std::string code = "ok";
    std::optional<std::string> must = "here";
    std::int64_t amount = 1;
    std::int64_t serial = 0;
    std::int64_t parent = 1;
    std::int64_t later = 1;
};

table<event> events() {
    return table("events", column("id", &event::id).key(), column("day", &event::day), column("code", &event::code),
                 column("must", &event::must), column("amount", &event::amount), column("serial", &event::serial),
                 column("parent", &event::parent), column("later", &event::later));
}

const char* const event_tables =
    "create table parents(id bigint primary key); insert into parents values (1);"
    "create table events(id bigint primary key, day date, code varchar(5), must text not null,"
    " amount bigint check (amount > 0), serial bigint unique, parent bigint references parents(id),"
    " later bigint references parents(id) deferrable initially deferred);"
    "create function no_trap() returns trigger language plpgsql as "
    "$$ begin if new.code = 'trap' then raise exception 'trapped'; end if; return new; end $$;"
    "create trigger t before insert on events for each row execute function no_trap()";

/// What makes a row bad, and what its dead letter must hold.
struct poison {
    void (*put)(event&);
    const char* letter;
    bool named;  ///< The server says which row it is.
};

const std::vector<poison> poisons = {
    {[](event& row) { row.day = "soon"; }, "table events, column day: 22007 ", true},
    {[](event& row) { row.code = "long code"; }, "table events, column code: 22001 ", true},
    {[](event& row) { row.code = std::string("n\0l", 3); }, "column code of table events: the text holds a NUL", true},
    {[](event& row) { row.code = "\xff"; }, "column code of table events: the text is not valid UTF-8", true},
    {[](event& row) { row.must.reset(); }, "table events, column must: 23502 ", true},
    {[](event& row) { row.amount = -1; }, "table events: 23514 ", true},
    {[](event& row) { row.serial = 0; }, "table events: 23505 ", true},
    {[](event& row) { row.parent = 9; }, "violates foreign key constraint \"events_parent_fkey\"", false},
    {[](event& row) { row.later = 9; }, "violates foreign key constraint \"events_later_fkey\"", false},
    {[](event& row) { row.code = "trap"; }, "table events: P0001 trapped", true}};

/// Encoded items on a connection of their own, in batches, as the writer has them.
struct poison_test : ::testing::Test {
    own_schema schema;
    std::map<std::size_t, std::string> letters;
    std::uint64_t statements = 0;
    std::uint64_t batches = 0;

    void SetUp() override { schema.other.run(event_tables); }

    void write(const std::vector<std::vector<event>>& items, std::size_t items_in_a_batch) {
        const auto table = events();
        detail::postgresql::connection to(database(schema.url()), {table.spec()}, {}, {});
        const std::uint64_t before = to.statements();
        detail::postgresql::encoder encoder(table.spec());
        for (std::size_t first = 0; first < items.size(); first += items_in_a_batch) {
            std::vector<detail::encoded_rows> batch;
            std::vector<std::size_t> places;
            for (std::size_t i = first; i < std::min(items.size(), first + items_in_a_batch); ++i) {
                encoder.begin();
                for (const event& row : items[i]) table.read(row, encoder);
                if (encoder.refused()) {
                    letters[i] = encoder.refusal();
                    continue;
                }
                batch.push_back(encoder.finish());
                places.push_back(i);
            }
            std::vector<const detail::encoded_rows*> rows;
            for (const auto& item : batch) rows.push_back(&item);
            const auto result = to.write(rows);
            ASSERT_EQ(result.how, detail::write_end::committed) << result.reason;
            for (const auto& one : result.refused) letters[places[one.item]] = one.reason;
            ++batches;
        }
        statements = to.statements() - before;
    }

    std::vector<std::vector<event>> good(std::size_t items, std::size_t rows) {
        std::vector<std::vector<event>> made(items);
        std::int64_t id = 0;
        for (auto& item : made)
            for (std::size_t row = 0; row < rows; ++row, ++id) item.push_back({.id = id, .serial = id});
        return made;
    }
    std::int64_t stored() { return std::stoll(schema.other.value("select count(*) from events")); }
    std::string ids_of(const std::vector<event>& item) {
        std::string list;
        for (const event& row : item) list += (list.empty() ? "" : ",") + std::to_string(row.id);
        return list;
    }
};

struct poison_sizes_test : poison_test, ::testing::WithParamInterface<std::size_t> {};

TEST_P(poison_sizes_test, P9_one_of_each_of_ten_kinds_in_ten_thousand_items_costs_its_item) {
    const std::size_t rows = GetParam();
    const unsigned seed = std::random_device{}();
    RecordProperty("seed", std::to_string(seed));
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    auto items = good(10'000, rows);
    std::map<std::size_t, std::pair<const poison*, std::size_t>> planted;
    for (const poison& one : poisons) {
        std::size_t item = 0;
        while (item == 0 || planted.contains(item)) item = random() % items.size();
        const std::size_t row = random() % rows;
        one.put(items[item][row]);
        planted[item] = {&one, row};
    }
    write(items, 5000 / rows);
    ASSERT_EQ(letters.size(), 10U);
    for (const auto& [item, what] : planted) {
        EXPECT_TRUE(holds(letters[item], what.first->letter)) << item;
        if (what.first->named || rows == 1) {
            EXPECT_TRUE(holds(letters[item], "(row " + std::to_string(what.second) + " of the item, counted from 0)"));
        }
        EXPECT_EQ(letters[item].find("Failing row"), std::string::npos) << "the row stays out";
        EXPECT_EQ(schema.other.value("select count(*) from events where id in (" + ids_of(items[item]) + ")"), "0");
    }
    EXPECT_EQ(stored(), static_cast<std::int64_t>(9'990 * rows));
    // A batch takes 3 statements by itself; 8 kinds reach the server.
    const double a_row = static_cast<double>(statements - 3 * batches) / 8;
    std::printf("statements per poison row, %zu rows an item: %.1f\n", rows, a_row);
    EXPECT_LE(a_row, 3 * 2 * std::log2(5000.0 / static_cast<double>(rows)));
}

INSTANTIATE_TEST_SUITE_P(rows_in_an_item, poison_sizes_test, ::testing::Values(1, 7));

TEST_F(poison_test, P9_a_row_that_the_server_names_takes_two_more_copies) {
    for (const poison& one : poisons) {
        if (!one.named) continue;
        schema.other.run("truncate events");
        letters.clear();
        auto items = good(1000, 1);
        one.put(items[777][0]);
        write(items, 1000);
        EXPECT_EQ(letters.size(), 1U);
        EXPECT_TRUE(letters.contains(777));
        // BEGIN and COMMIT are libpqxx's. The first COPY; SET CONSTRAINTS, then a savepoint, a COPY and a release,
        // twice.
        EXPECT_LE(statements, 1U + 1U + 2U * 3U) << one.letter;
        EXPECT_EQ(stored(), 999);
    }
}

TEST_F(poison_test, P10_nothing_but_poison_and_a_third_of_it_take_statements_in_proportion) {
    for (const std::size_t kind : {std::size_t{4}, std::size_t{7}})
        for (const unsigned percent : {30U, 100U}) {
            schema.other.run("truncate events");
            letters.clear();
            std::mt19937 random(7);
            auto items = good(1000, 1);
            std::set<std::size_t> bad;
            for (std::size_t i = 0; i < items.size(); ++i)
                if (random() % 100 < percent) poisons[kind].put(items[i][0]), bad.insert(i);
            write(items, 1000);
            EXPECT_EQ(letters.size(), bad.size());
            for (const std::size_t item : bad) EXPECT_TRUE(letters.contains(item)) << item;
            EXPECT_EQ(stored(), static_cast<std::int64_t>(items.size() - bad.size()));
            std::printf("statements per poison row, %u %% of 1000, %s: %.1f\n", percent, poisons[kind].letter,
                        static_cast<double>(statements) / static_cast<double>(bad.size()));
            EXPECT_LE(statements, 3 * 2 * items.size() + 2);
        }
}

TEST_F(poison_test, P9_an_item_that_repeats_a_key_of_a_refused_one_goes_in) {
    auto items = good(10, 1);
    items[3][0].parent = 9;
    items[7][0].id = 3;
    write(items, 10);
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_TRUE(holds(letters[3], "23503"));
    EXPECT_EQ(schema.other.value("select serial from events where id = 3"), "7");
}

}  // namespace
}  // namespace penstock::testing
