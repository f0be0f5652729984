#include <gtest/gtest.h>

#include "stages/store/postgresql/error.hpp"

namespace penstock::detail::postgresql {
namespace {

TEST(postgresql_error_test, only_what_speaks_of_rows_blames_rows) {
    for (const char* state : {"22003", "23505", "P0001", "54000", "44000", "42501", "42703", "0A000", "AB123"})
        EXPECT_EQ(who_is_to_blame({.state = state}), blame::row) << state;
    for (const char* state : {"40001", "40P01", "53100", "55P03", "57014"})
        EXPECT_EQ(who_is_to_blame({.state = state}), blame::moment) << state;
    for (const char* state : {"08006", "57P01", "58030", "XX001", "25006", ""})
        EXPECT_EQ(who_is_to_blame({.state = state}), blame::world) << state;
    EXPECT_EQ(who_is_to_blame({.state = "23505", .link_lost = true}), blame::world);
    EXPECT_EQ(who_is_to_blame({.state = "40001", .in_doubt = true}), blame::world);
    EXPECT_EQ(who_is_to_blame({.state = "42P01", .before_rows = true}), blame::world);
}

TEST(postgresql_error_test, reasons_are_named) {
    EXPECT_EQ(reason_name({.state = "53100"}), "database_full");
    EXPECT_EQ(reason_name({.state = "57P01"}), "database_lost");
    EXPECT_EQ(reason_name({.state = "57014"}), "database_locked");
    EXPECT_EQ(reason_name({.link_lost = true, .in_doubt = true}), "database_in_doubt");
    EXPECT_EQ(reason_name({}), "database_error");
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
