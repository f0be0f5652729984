#include "sqlite_store.hpp"

namespace penstock {
namespace {

using testing::holds;
using testing::quote;
using testing::refusal_of;

std::string table_refusal(std::string_view name) {
    return refusal_of([&] { table(name, column("a", &quote::price)); });
}
std::string column_refusal(std::string_view name) {
    return refusal_of([&] { table("t", column("a", &quote::price), column(name, &quote::price)); });
}

TEST(names_test, a_dot_parts_schema_and_table) {
    const auto spec = table("Sch.Ta ble", column("a.b", &quote::price)).spec();
    EXPECT_EQ(spec->parts, (std::vector<std::string>{"Sch", "Ta ble"}));
    EXPECT_EQ(spec->columns[0].name, "a.b");
}

TEST(names_test, names_that_cannot_be_are_refused_with_their_place) {
    EXPECT_TRUE(holds(table_refusal(""), "the table name is empty"));
    EXPECT_TRUE(holds(table_refusal("a."), "a part of the table name is empty"));
    EXPECT_TRUE(holds(table_refusal("a.b.c"), "has 3 parts"));
    EXPECT_TRUE(holds(table_refusal(std::string(64, 'x')), "has 64 bytes"));
    EXPECT_TRUE(holds(table_refusal(std::string_view("a\0b", 3)), "NUL"));
    EXPECT_TRUE(holds(table_refusal("\xff"), "UTF-8"));
    EXPECT_TRUE(holds(column_refusal(""), "the name of column 2 of table t is empty"));
    EXPECT_TRUE(holds(column_refusal(std::string(64, 'x')), "has 64 bytes"));
    EXPECT_TRUE(holds(column_refusal("a"), "names the column a twice"));
    EXPECT_EQ(table_refusal(std::string(63, 'x')), "");
}

TEST(names_test, a_table_without_columns_is_refused) {
    EXPECT_TRUE(holds(refusal_of([] { table<quote>("t"); }), "has no columns"));
}

TEST(names_test, a_key_that_is_optional_is_refused) {
    struct row {
        std::optional<int> id;
    };
    EXPECT_TRUE(holds(refusal_of([] { table("t", column("id", &row::id).key()); }), "a primary key cannot be NULL"));
}

TEST(names_test, what_sqlite_can_never_have_is_refused_before_a_run) {
    const auto refused = [](table<quote> rows) {
        return refusal_of([&] { detail::make_store_piece(database("sqlite:x.db"), rows, {}); });
    };
    EXPECT_TRUE(holds(refused(table("public.t", column("a", &quote::price))), "SQLite has no schema public"));
    EXPECT_TRUE(holds(refused(table("SQLite_t", column("a", &quote::price))), "for itself"));
    EXPECT_TRUE(holds(refused(table("t", column("a", &quote::price), column("A", &quote::price))), "ignores case"));
    EXPECT_EQ(refused(table("Main.t", column("a", &quote::price))), "");
}

TEST(names_test, options_of_zero_are_refused_by_name) {
    const auto refused = [](store_options options) {
        return refusal_of([&] { detail::make_store_piece(database("sqlite:x.db"), testing::quotes(), options); });
    };
    using std::chrono::milliseconds;
    EXPECT_TRUE(holds(refused({.max_rows = 0}), "max_rows"));
    EXPECT_TRUE(holds(refused({.max_bytes = 0}), "max_bytes"));
    EXPECT_TRUE(holds(refused({.max_age = milliseconds(0)}), "max_age"));
    EXPECT_TRUE(holds(refused({.max_age = milliseconds::max()}), "max_age"));
    EXPECT_TRUE(holds(refused({.busy_timeout = milliseconds(-1)}), "busy_timeout"));
    EXPECT_EQ(refused({}), "");
}

TEST(names_test, database_addresses_are_told_apart) {
    EXPECT_EQ(database("sqlite:a b.db").label(), "sqlite:a b.db");
    EXPECT_EQ(database("sqlite:///var/x.db").label(), "sqlite:/var/x.db");
    EXPECT_EQ(database("postgres://h/d").kind(), database_kind::postgresql);
    EXPECT_TRUE(holds(refusal_of([] { database("sqlite::memory:"); }), "no second connection"));
    EXPECT_TRUE(holds(refusal_of([] { database("sqlite://host/x.db"); }), "has no host"));
    EXPECT_TRUE(holds(refusal_of([] { database("sqlite:"); }), "needs a file"));
    EXPECT_TRUE(holds(refusal_of([] { database("sqlite:x.db?mode=ro"); }), "takes no parameters"));
    EXPECT_TRUE(holds(refusal_of([] { database("x.db"); }), "begins with sqlite:"));
}

TEST(names_test, X4_a_password_is_in_no_label_and_no_message) {
    for (const std::string address :
         {"postgresql://me:hunter2@h:5/d", "postgresql://me:hun/ter2@h:5/d", "postgresql://me:a@hunter2@h:5/d",
          "postgresql://h/d?password=hunter2", "postgresql://h/d?password=hunter2@x", "postgresql://me:hunter2?@h/d",
          "postgresql://me:hunt?er2@h/d"})
        EXPECT_EQ(database(address).label().find("ter2"), std::string::npos) << database(address).label();
    EXPECT_EQ(database("postgresql://me:hunter2@h:5/d?x=y").label(), "postgresql://me@h:5/d");
    EXPECT_EQ(refusal_of([] { database("mysql://me:hunter2@h/d"); }).find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace penstock
