#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <set>

#include "postgresql_store.hpp"
#include "random_tables.hpp"
#include "stages/store/connection.hpp"

namespace penstock::testing {
namespace {

/// A name as SQL has it, written anew here so that the library's quoting is not tested against itself.
std::string in_quotes(const std::string& name) {
    std::string text;
    for (const char letter : name) text += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    return '"' + text + '"';
}

/// A column's value in words that both databases have, everything that could be changed in hexadecimal.
std::string form_sql(const detail::column_spec& column, bool postgresql) {
    const std::string name = in_quotes(column.name);
    switch (column.type) {
        case cell_type::integer: return name;
        case cell_type::boolean: return postgresql ? name + "::int" : name;
        case cell_type::real: return postgresql ? name : "printf('%!.17g', " + name + ")";
        case cell_type::bytes: return postgresql ? "encode(" + name + ", 'hex')" : "lower(hex(" + name + "))";
        case cell_type::timestamp:
            return postgresql ? "to_char(" + name + " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')" : name;
        case cell_type::date:
        case cell_type::decimal: return name;
        case cell_type::text:
        case cell_type::json:
            return postgresql ? "encode(convert_to(" + name + "::text, 'UTF8'), 'hex')" : "lower(hex(" + name + "))";
    }
    return name;
}

/// SQLite has a text for NULL in each of these.
std::string value_sql(const detail::column_spec& column, bool postgresql) {
    const std::string form = form_sql(column, postgresql);
    return postgresql ? form : "iif(" + in_quotes(column.name) + " is null, null, " + form + ")";
}

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct differential_test : ::testing::Test {
    own_schema schema;
    temporary_folder folder;

    /// Writes the items in batches of ten; returns the dead ones.
    std::set<std::size_t> write(const database& to, const std::shared_ptr<const detail::table_spec>& table,
                                const std::vector<nasty_item>& items, const store_options& options) {
        const auto open = detail::connect(to, {table}, options);
        const auto encoder = detail::make_encoder(to, table);
        std::set<std::size_t> dead;
        for (std::size_t first = 0; first < items.size(); first += 10) {
            std::vector<detail::encoded_rows> encoded;
            std::vector<std::size_t> places;
            for (std::size_t i = first; i < std::min(first + 10, items.size()); ++i) {
                if (encode(*table, items[i], *encoder).empty())
                    encoded.push_back(encoder->finish()), places.push_back(i);
                else
                    dead.insert(i);
            }
            std::vector<const detail::encoded_rows*> batch;
            for (const auto& one : encoded) batch.push_back(&one);
            const auto result = open->write(batch);
            EXPECT_EQ(result.how, detail::write_end::committed) << result.reason;
            for (const auto& one : result.refused) dead.insert(places[one.item]);
        }
        return dead;
    }

    /// The rows by key. Reals are compared as numbers.
    template <class Client>
    std::vector<std::string> stored(const Client& in, const detail::table_spec& table, bool postgresql) {
        std::string columns;
        for (const auto& column : table.columns)
            columns += (columns.empty() ? "" : " , ") + value_sql(column, postgresql);
        auto rows = in.ask("select " + columns + " from " + in_quotes(table.table()) + " order by "
                           + in_quotes(table.columns[0].name));
        for (std::string& row : rows) row = with_plain_reals(row, table);
        return rows;
    }
    static std::string with_plain_reals(const std::string& row, const detail::table_spec& table) {
        std::string made;
        std::size_t at = 0;
        for (const auto& column : table.columns) {
            std::string cell = row.substr(at, row.find('|', at) - at);
            at += cell.size() + 1;
            if (column.type == cell_type::real && cell != "NULL") {
                char digits[40];
                std::snprintf(digits, sizeof digits, "%a", std::strtod(cell.c_str(), nullptr));
                cell = digits;
            }
            made += cell + '|';
        }
        return made;
    }
};

/// PENSTOCK_ROUNDS and PENSTOCK_SEED make it a long one, or the same again.
TEST_F(differential_test, S5_P13_P14_both_databases_keep_the_same_rows_under_any_names_and_refuse_the_same_items) {
    const std::uint64_t seed = number_from("PENSTOCK_SEED", std::random_device{}());
    const std::uint64_t rounds = number_from("PENSTOCK_ROUNDS", 12);
    schema.other.run("create table canary(alive int); insert into canary values (1)");
    std::size_t dead_items = 0;
    std::size_t rows = 0;
    for (std::uint64_t round = seed; round < seed + rounds; ++round) {
        SCOPED_TRACE("PENSTOCK_ROUNDS=1 PENSTOCK_SEED=" + std::to_string(round));
        random_tables made(round);
        const auto table = made.table();
        const auto policy = static_cast<conflict_policy>(made.below(4));
        const store_options options{.create_table = true, .conflicts = policy};
        const std::filesystem::path file = folder / (std::to_string(round) + ".db");
        const database server(schema.url());
        const database embedded("sqlite:" + file.string());
        // Made empty first, for what the database itself refuses: it is the same for both.
        (void)write(server, table, {}, options);
        (void)write(embedded, table, {}, options);
        const other_program sqlite(file);
        for (std::size_t i = 1; i < table->columns.size(); ++i) {
            const auto& column = table->columns[i];
            if (policy != conflict_policy::error || !made.one_in(3)) continue;
            if (column.type != cell_type::integer && column.type != cell_type::text) continue;
            const std::string index = "create unique index on_" + std::to_string(i) + " on " + in_quotes(table->table())
                                      + "(" + in_quotes(column.name) + ")";
            schema.other.run(index);
            sqlite.run(index);
        }
        std::vector<nasty_item> items;
        for (std::size_t i = 0; i < 40; ++i) items.push_back(made.item(*table, 30 + made.below(200)));
        const auto dead = write(server, table, items, options);
        EXPECT_EQ(dead, write(embedded, table, items, options)) << to_string(policy);
        const auto found = stored(schema.other, *table, true);
        EXPECT_EQ(found, stored(sqlite, *table, false)) << to_string(policy);
        EXPECT_EQ(schema.other.value("select count(*) || '|' || sum(alive) from canary"), "1|1");
        EXPECT_EQ(schema.other.value("select count(*) from pg_class where relkind = 'r' and relnamespace = '"
                                     + schema.name + "'::regnamespace"),
                  "2");
        schema.other.run("drop table " + in_quotes(table->table()));
        dead_items += dead.size();
        rows += found.size();
        if (HasFailure()) break;
    }
    std::printf("seed %llu, %llu rounds: %zu rows, %zu dead items\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(rounds), rows, dead_items);
}

}  // namespace
}  // namespace penstock::testing
