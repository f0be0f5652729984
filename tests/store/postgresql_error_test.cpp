#include <gtest/gtest.h>

#include "stages/store/postgresql/error.hpp"

namespace penstock::detail::postgresql {
namespace {

TEST(postgresql_error_test, only_what_speaks_of_rows_blames_rows) {
    for (const char* state : {"22003", "23505", "P0001", "54000", "44000", "42501", "42703", "0A000", "AB123"})
        EXPECT_EQ(who_is_to_blame({.state = state}), blame::row) << state;
    for (const char* state : {"40001", "40P01", "55P03", "57014"})
        EXPECT_EQ(who_is_to_blame({.state = state}), blame::moment) << state;
    for (const char* state : {"08006", "57P01", "57P03", "53300", "25P03"})
        EXPECT_EQ(who_is_to_blame({.state = state, .before_rows = true}), blame::link) << state;
    for (const char* state : {"53100", "53200", "58030", "55000"})
        EXPECT_EQ(who_is_to_blame({.state = state}), blame::server) << state;
    for (const char* state : {"XX001", "25006", "57P04", ""})
        EXPECT_EQ(who_is_to_blame({.state = state}), blame::world) << state;
    EXPECT_EQ(who_is_to_blame({.link_lost = true}), blame::link);
    EXPECT_EQ(who_is_to_blame({.state = "23505", .link_lost = true}), blame::server);
    EXPECT_EQ(who_is_to_blame({.state = "28P01", .before_rows = true, .link_lost = true}), blame::world);
    EXPECT_EQ(who_is_to_blame({.state = "40001", .in_doubt = true}), blame::world);
    EXPECT_EQ(who_is_to_blame({.state = "42P01", .before_rows = true}), blame::world);
}

TEST(postgresql_error_test, reasons_are_named) {
    EXPECT_EQ(reason_name({.state = "53100"}), "database_full");
    EXPECT_EQ(reason_name({.state = "57P01"}), "database_lost");
    EXPECT_EQ(reason_name({.state = "57014"}), "database_locked");
    EXPECT_EQ(reason_name({.state = "28P01", .link_lost = true}), "database_refused");
    EXPECT_EQ(reason_name({.state = "53300", .link_lost = true}), "database_busy");
    EXPECT_EQ(reason_name({.link_lost = true}), "database_lost");
    EXPECT_EQ(reason_name({.link_lost = true, .in_doubt = true}), "database_in_doubt");
    EXPECT_EQ(reason_name({}), "database_error");
}

TEST(postgresql_error_test, the_sqlstate_of_a_connection_that_failed_is_read_from_what_libpq_says) {
    const error starting = connect_error(
        "connection to server at \"db\" (::1), port 5432 failed: Connection refused\n\tIs the server running?\n"
        "connection to server at \"db\" (127.0.0.1), port 5432 failed: FATAL:  57P03: the database system is starting "
        "up\nLOCATION:  ProcessStartupPacket, postmaster.c:2389\n");
    EXPECT_EQ(starting.state, "57P03");
    EXPECT_EQ(starting.message, "the database system is starting up");
    const error refused = connect_error("connection to server at \"h\", port 1 failed: Connection refused\n\tIs it?\n");
    EXPECT_EQ(refused.state, "");
    EXPECT_EQ(refused.message, "connection to server at \"h\", port 1 failed: Connection refused");
    EXPECT_EQ(connect_error("").state, "");
    EXPECT_EQ(connect_error(":  ").state, "");
    EXPECT_EQ(connect_error("a:  57P03").state, "");
}

std::optional<std::size_t> line_of(std::string_view context, std::string_view table) {
    const auto place = place_of(context, table);
    return place ? std::optional(place->line) : std::nullopt;
}

TEST(postgresql_error_test, the_line_is_found_behind_the_name_of_the_table) {
    EXPECT_EQ(line_of("COPY quotes, line 12, column price: \"7\"", "quotes"), 12U);
    EXPECT_EQ(line_of("COPY t 99, line 3: \"5\t6\"", "t 99"), 3U);
    EXPECT_EQ(line_of("PL/pgSQL function f() line 3 at RAISE\nCOPY t, Zeile 8: \"1\"", "t"), 8U);
    EXPECT_EQ(line_of("SQL statement \"select 1\"", "t"), std::nullopt);
    EXPECT_EQ(line_of("", "t"), std::nullopt);
    EXPECT_EQ(line_of("COPY t, line 99999999999999999999999", "t"), std::nullopt);
}

TEST(postgresql_error_test, a_value_cannot_be_taken_for_the_line) {
    EXPECT_EQ(line_of("COPY t, line 2, column c: \"x\nCOPY t, line 1\"", "t"), 2U);
    EXPECT_FALSE(place_of("COPY staging, line 2, column c: \"x\nCOPY t, line 1\"", "t"));
    EXPECT_EQ(line_of("SQL statement \"COPY t, line 1\"\nPL/pgSQL function f() line 3\nCOPY t, line 2: \"x\"", "t"),
              2U);
    EXPECT_EQ(line_of("SQL statement \"\nCOPY t, line 1\"\nPL/pgSQL function f()\nCOPY t, line 2: \"x\"", "t"), 2U);
}

TEST(postgresql_error_test, the_column_is_found_behind_the_line) {
    const auto names = [](std::string_view context, std::string_view column) {
        return names_column(place_of(context, "t").value().behind, column);
    };
    EXPECT_TRUE(names("COPY t, line 2, column a b: \"7\"", "a b"));
    EXPECT_TRUE(names("COPY t, Zeile 2, Spalte a: NULL-Eingabe", "a"));
    EXPECT_FALSE(names("COPY t, line 2, column ab: \"7\"", "a"));
    EXPECT_FALSE(names("COPY t, line 2: \", column a: \"", "a"));
}

TEST(postgresql_error_test, a_letter_has_the_detail_unless_it_is_the_row) {
    EXPECT_EQ(describe_row_error({.state = "23505", .message = "twice", .detail = "Key (id)=(2) already exists"}),
              "23505 twice: Key (id)=(2) already exists");
    EXPECT_EQ(describe_row_error({.state = "23514", .message = "no", .detail = "Failing row contains (1, 2)"}),
              "23514 no");
    EXPECT_EQ(describe({.state = "23505", .message = "twice", .detail = "Key (id)=(2) already exists"}), "23505 twice");
}

TEST(postgresql_error_test, an_answer_of_libpq_becomes_one_line_in_any_language) {
    EXPECT_EQ(message_of("ERROR:  duplicate key\nDETAIL:  Key (id)=(2) already exists.\nCONTEXT:  COPY t, line 1\n"),
              "duplicate key");
    EXPECT_EQ(message_of("FEHLER:  doppelt\nDETAIL:  Schlüssel existiert bereits.\n"), "doppelt");
    EXPECT_EQ(message_of("Failure during 'x': ERROR:  no\n"), "no");
    EXPECT_EQ(message_of(""), "");
}

TEST(postgresql_error_test, a_line_is_cut_between_two_letters) {
    EXPECT_EQ(one_line("a\tb\nc\n"), "a b c");
    const std::string cut = one_line(std::string(499, 'x') + "é" + std::string(1'000'000, 'y'));
    EXPECT_EQ(cut, std::string(499, 'x') + "…");
}

}  // namespace
}  // namespace penstock::detail::postgresql
