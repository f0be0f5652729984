#include <fstream>
#include <stop_token>
#include <thread>

#include "sqlite_store.hpp"
#include "stages/store/sqlite/type_fit.hpp"

namespace penstock::testing {
namespace {

struct edge {
    std::optional<std::int64_t> parent;
    std::int64_t child = 0;
};
table<edge> edges() { return table("nodes", column("parent", &edge::parent), column("child", &edge::child)); }

struct sqlite_preflight_test : ::testing::Test {
    /// The message of the preflight into this file; empty if it finds no fault.
    std::string message(store_options options = {}) {
        return sqlite_store<quote>(file, quotes(), options).preflight_message();
    }

    /// The same after another program has made the table so.
    std::string message_for(const std::string& sql, store_options options = {}) {
        std::filesystem::remove(file);
        other_program(file).run(sql);
        return message(options);
    }

    temporary_folder folder;
    std::filesystem::path file = folder / "quotes.db";
};

TEST_F(sqlite_preflight_test, P1_a_missing_table_names_the_cure) {
    EXPECT_TRUE(holds(message_for("create table other(x)"),
                      "table quotes in sqlite:" + file.string() + " does not exist; create it, or set create_table"));
}

TEST_F(sqlite_preflight_test, a_missing_file_is_not_made_unasked) {
    EXPECT_TRUE(holds(message(), "the file does not exist"));
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(sqlite_preflight_test, S2_a_missing_folder_is_named) {
    file = folder / "missing" / "quotes.db";
    EXPECT_TRUE(
        holds(message({.create_table = true}), "the folder " + (folder / "missing").string() + " does not exist"));
}

TEST_F(sqlite_preflight_test, S2_a_file_that_is_no_database_is_refused) {
    std::ofstream(file) << std::string(5000, 'x');
    EXPECT_TRUE(holds(message({.create_table = true}), "is not a SQLite database"));
}

TEST_F(sqlite_preflight_test, S2_a_folder_is_no_file) {
    file = folder / "";
    EXPECT_TRUE(holds(message({.create_table = true}), "it is a folder"));
}

TEST_F(sqlite_preflight_test, S1_a_file_that_stays_locked_is_refused_in_time) {
    const other_program other(file);
    other.run("create table quotes(symbol text, price real, at_ms int); begin immediate");
    EXPECT_TRUE(holds(message({.busy_timeout = std::chrono::milliseconds(50)}), "has kept it locked for 50 ms"));
}

TEST_F(sqlite_preflight_test, S1_a_writer_beside_a_new_file_is_waited_for) {
    for (int file_number = 0; file_number < 20; ++file_number) {
        file = folder / (std::to_string(file_number) + ".db");
        const other_program writer(file);
        writer.run("create table other(x); begin immediate");
        // The lock is free for moments only, between two transactions.
        std::jthread writes([&](const std::stop_token& end) {
            while (!end.stop_requested()) {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
                writer.run("commit");
                std::this_thread::sleep_for(std::chrono::microseconds(200));
                writer.run("begin immediate");
            }
        });
        EXPECT_EQ(message({.create_table = true}), "");
    }
}

TEST_F(sqlite_preflight_test, P1_a_missing_column_is_named) {
    EXPECT_TRUE(holds(message_for("create table quotes(symbol text, at_ms int)"), "has no column price"));
}

TEST_F(sqlite_preflight_test, a_column_that_gets_no_value_is_named) {
    const std::string columns = "create table quotes(symbol text, price real, at_ms int, ";
    EXPECT_TRUE(holds(message_for(columns + "venue text not null)"), "has a column venue that is NOT NULL"));
    EXPECT_EQ(message_for(columns + "venue text not null default 'x')"), "");
    EXPECT_EQ(message_for(columns + "venue text)"), "");
    EXPECT_EQ(message_for(columns + "id integer primary key not null)"), "");
    EXPECT_TRUE(
        holds(message_for(columns + "id integer primary key) without rowid"), "has a column id that is NOT NULL"));
}

TEST_F(sqlite_preflight_test, a_computed_column_cannot_be_stored_into) {
    EXPECT_TRUE(holds(message_for("create table quotes(symbol text, price real as (1.0), at_ms int)"),
                      "computes its column price itself"));
}

TEST_F(sqlite_preflight_test, S5_a_column_whose_null_would_become_a_number_is_refused) {
    const std::string path = (folder / "nodes.db").string();
    const auto message_of = [&](const std::string& columns) {
        other_program(path).run("drop table if exists nodes; create table nodes(" + columns + ")");
        return sqlite_store<edge>(path, edges()).preflight_message();
    };
    EXPECT_TRUE(holds(message_of("parent INTEGER PRIMARY KEY, child INTEGER"),
                      "numbers its column parent itself where a row has no value"));
    EXPECT_EQ(message_of("parent INTEGER, child INTEGER PRIMARY KEY"), "");
    EXPECT_EQ(message_of("parent INTEGER, child INTEGER, PRIMARY KEY (parent, child)"), "");
}

TEST_F(sqlite_preflight_test, a_view_is_no_table) {
    EXPECT_TRUE(holds(message_for("create view quotes as select 1 as symbol, 2 as price, 3 as at_ms"), "is a view"));
}

TEST_F(sqlite_preflight_test, S5_types_that_would_change_values_are_refused) {
    EXPECT_TRUE(
        holds(message_for("create table quotes(symbol int, price real, at_ms int)"),
              "declares its column symbol as INT, which would change or refuse text values; declare it as TEXT"));
    EXPECT_TRUE(
        holds(message_for("create table quotes(symbol text, price int, at_ms int) strict"), "column price as INT"));
    EXPECT_EQ(message_for("create table quotes(symbol varchar(8), price double, at_ms bigint)"), "");
    EXPECT_EQ(message_for("create table Quotes(SYMBOL, price, at_ms)"), "");
}

TEST_F(sqlite_preflight_test, another_primary_key_is_refused_where_the_program_would_create_the_table) {
    const std::string other_key = "create table quotes(symbol text primary key, price real, at_ms int)";
    EXPECT_TRUE(holds(message_for(other_key, {.create_table = true}), "another primary key"));
    EXPECT_EQ(message_for(other_key), "");
    EXPECT_EQ(message_for("create table quotes(symbol text, price real, at_ms int, primary key(at_ms, symbol))",
                          {.create_table = true}),
              "");
}

TEST(sqlite_type_fit_test, S5_a_type_fits_where_every_value_is_kept) {
    using detail::sqlite::type_fits;
    for (const bool strict : {false, true}) {
        EXPECT_TRUE(type_fits(cell_type::integer, "integer", strict));
        EXPECT_FALSE(type_fits(cell_type::integer, "REAL", strict));
        EXPECT_FALSE(type_fits(cell_type::boolean, "TEXT", strict));
        EXPECT_FALSE(type_fits(cell_type::real, "INTEGER", strict));
        EXPECT_FALSE(type_fits(cell_type::text, "REAL", strict));
        EXPECT_TRUE(type_fits(cell_type::bytes, "BLOB", strict));
    }
    EXPECT_TRUE(type_fits(cell_type::text, "ANY", true));
    EXPECT_FALSE(type_fits(cell_type::text, "ANY", false)) << "ANY is only a word where a table is not STRICT";
    EXPECT_FALSE(type_fits(cell_type::text, "BLOB", true));
    EXPECT_TRUE(type_fits(cell_type::text, "BLOB", false));
    EXPECT_FALSE(type_fits(cell_type::text, "DATETIME", false)) << "'2026' would become a number";
    EXPECT_TRUE(type_fits(cell_type::real, "DECIMAL(10,2)", false));
    EXPECT_FALSE(type_fits(cell_type::real, "FLOATING POINT", false)) << "it holds INT";
}

}  // namespace
}  // namespace penstock::testing
