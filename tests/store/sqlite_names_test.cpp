#include "sqlite_store.hpp"

namespace penstock::testing {
namespace {

struct sqlite_names_test : ::testing::TestWithParam<std::string> {
    temporary_folder folder;
};

/// A name as SQL has it, written anew here so that the library's quoting is not tested against itself.
std::string in_quotes(const std::string& name) {
    std::string text;
    for (const char letter : name) text += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    return '"' + text + '"';
}

TEST_P(sqlite_names_test, P13_any_name_is_a_name_and_nothing_else) {
    const std::string name = GetParam();
    const auto file = folder / "names.db";
    const other_program other(file);
    other.run("create table canary(alive int); insert into canary values (1)");
    sqlite_store<quote> store(file, table(name, column(name, &quote::symbol).key(), column(name + "2", &quote::price)));
    store.begin();
    store.give({{name, 2.5, 0}});
    store.finish();
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
    EXPECT_EQ(other.value("select name from sqlite_master where name <> 'canary' and type = 'table'"), name);
    EXPECT_EQ(other.value("select " + in_quotes(name) + " from " + in_quotes(name)), name);
    EXPECT_EQ(other.value("select alive from canary"), "1");
}

INSTANTIATE_TEST_SUITE_P(names, sqlite_names_test,
                         ::testing::Values("plain", "Mixed Case", "select", "a\"b", "\"\"\"", "'",
                                           "x'; drop table canary; --", "x\"; drop table canary; --",
                                           "x\" int); drop table canary; --", "été 😀", "[a]", "`a`", "a,b", "?1", ":a",
                                           "a--b", "/*", "line\nbreak", "rowid", "1"));

TEST(sqlite_names_schema_test, P13_a_table_may_be_named_with_its_schema) {
    const temporary_folder folder;
    const auto file = folder / "x.db";
    sqlite_store<quote> store(file, table("main.t", column("price", &quote::price)));
    store.begin().give({{"", 3, 0}});
    store.finish();
    EXPECT_EQ(other_program(file).value("select price from t"), "3.0");
}

}  // namespace
}  // namespace penstock::testing
