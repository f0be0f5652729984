#include <cmath>
#include <cstring>
#include <limits>

#include "postgresql_store.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;

struct postgresql_store_test : ::testing::Test {
    own_schema schema;
};

struct everything {
    std::int64_t id = 0;
    std::optional<std::string> text{};
    double real = 0;
    std::optional<std::vector<std::byte>> bytes{};
    bool flag = false;
    std::optional<std::int64_t> number{};
};

table<everything> everything_table() {
    return table("everything", column("id", &everything::id).key(), column("text", &everything::text),
                 column("real", &everything::real), column("bytes", &everything::bytes),
                 column("flag", &everything::flag), column("number", &everything::number));
}

std::string in_hex(const void* bytes, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", static_cast<const unsigned char*>(bytes)[i]);
        text += digits;
    }
    return text;
}

/// A row in a form that no text format of a database has a part in: everything that could be changed is in hex.
std::string fingerprint(const everything& row) {
    const auto real = [&] {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &row.real, sizeof bits);
        char digits[17];
        std::snprintf(digits, sizeof digits, "%016lx", static_cast<unsigned long>(bits));
        return std::string(digits);
    };
    return std::to_string(row.id) + '|' + (row.text ? in_hex(row.text->data(), row.text->size()) : "NULL") + '|'
           + real() + '|' + (row.bytes ? in_hex(row.bytes->data(), row.bytes->size()) : "NULL") + '|'
           + (row.flag ? "t" : "f") + '|' + (row.number ? std::to_string(*row.number) : "NULL");
}

const char* const fingerprints =
    "select id, encode(convert_to(text, 'UTF8'), 'hex'), encode(float8send(\"real\"), 'hex'), encode(bytes, 'hex'),"
    " flag, number from everything order by id";

std::vector<everything> all_kinds(std::int64_t first, std::int64_t rows) {
    using limits = std::numeric_limits<double>;
    const std::vector<std::optional<std::string>> texts = {"",
                                                           std::nullopt,
                                                           "\\N",
                                                           "\\.",
                                                           "\\",
                                                           "\t",
                                                           "\n",
                                                           "\r",
                                                           "a\\\tb\nc\rd\b\f\v\x01\x7f",
                                                           "emoji 😀 é",
                                                           "'; drop table everything; --",
                                                           "NULL",
                                                           "tail\\",
                                                           std::string(300, 'x') + "\\",
                                                           std::string(37, '\n')};
    const std::vector<std::optional<std::int64_t>> numbers = {
        0, -1, std::nullopt, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
    const std::vector<double> reals = {0.0,
                                       -0.0,
                                       0.1,
                                       -1e308,
                                       5e-324,
                                       1e15,
                                       1.25,
                                       -99.9999,
                                       123456.789,
                                       9007199254740993.0,
                                       limits::infinity(),
                                       -limits::infinity(),
                                       limits::quiet_NaN(),
                                       1e-7,
                                       0.0001,
                                       99999999999.9999,
                                       1.0 / 3};
    std::vector<everything> made;
    for (std::int64_t id = first; id < first + rows; ++id) {
        const auto at = static_cast<std::size_t>(id);
        everything row{.id = id,
                       .text = texts[at % texts.size()],
                       .real = reals[at % reals.size()],
                       .flag = at % 2 == 1,
                       .number = numbers[at % numbers.size()]};
        if (at % 3 != 0) row.bytes = std::vector<std::byte>(at % 7, std::byte(at % 256));
        made.push_back(std::move(row));
    }
    return made;
}

TEST_F(postgresql_store_test, P14_ten_thousand_rows_of_every_type_come_back_byte_for_byte) {
    postgresql_store<everything> store(schema.url(), everything_table());
    store.begin();
    std::vector<std::string> expected;
    for (std::int64_t item = 0; item < 100; ++item) {
        auto rows = all_kinds(item * 100, 100);
        if (item == 50) rows[7].text = std::string(1 << 20, 'm') + "é\\";
        for (const everything& row : rows) expected.push_back(fingerprint(row));
        store.give(std::move(rows));
    }
    store.finish();
    EXPECT_EQ(store.run.failed(), "");
    EXPECT_EQ(store.run.count(outcome::committed), 100U);
    const auto found = schema.other.ask(fingerprints);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) ASSERT_EQ(found[i].substr(0, 300), expected[i].substr(0, 300)) << i;
    EXPECT_TRUE(found == expected);
}

TEST_F(postgresql_store_test, P9_what_the_database_would_change_is_refused_before_it_gets_there) {
    postgresql_store<everything> store(schema.url(), everything_table());
    store.begin();
    store.give({{.id = 1, .text = std::string("a\0b", 3)}});
    store.give({{.id = 2, .text = "caf\xe9"}});
    store.give({{.id = 3}});
    store.finish();
    EXPECT_TRUE(holds(store.run.settled().at(0).reason, "NUL"));
    EXPECT_TRUE(holds(store.run.settled().at(1).reason, "UTF-8"));
    EXPECT_EQ(schema.other.ask("select id from everything"), std::vector<std::string>{"3"});
}

TEST_F(postgresql_store_test, a_created_table_holds_its_types) {
    postgresql_store<everything> store(schema.url(), everything_table());
    store.begin().finish();
    EXPECT_EQ(schema.other.ask("select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute"
                               " where attrelid = 'everything'::regclass and attnum > 0 order by attnum"),
              (std::vector<std::string>{"id|bigint|t", "text|text|f", "real|double precision|t", "bytes|bytea|f",
                                        "flag|boolean|t", "number|bigint|f"}));
    EXPECT_EQ(schema.other.value("select pg_get_constraintdef(oid) from pg_constraint"
                                 " where conrelid = 'everything'::regclass"),
              "PRIMARY KEY (id)");
}

TEST_F(postgresql_store_test, another_program_sees_the_rows_of_a_quiet_run_soon) {
    postgresql_store<quote> store(schema.url(), quotes(), {.create_table = true, .max_age = 50ms});
    store.begin().give({{"A", 1.5, 10}});
    ASSERT_TRUE(store.wait());
    EXPECT_EQ(schema.other.ask("select * from quotes"), std::vector<std::string>{"A|1.5|10"});
}

TEST_F(postgresql_store_test, a_store_can_run_again) {
    postgresql_store<quote> store(schema.url(), quotes());
    store.begin().give({{"A", 1, 1}});
    store.finish();
    store.begin().give({{"A", 1, 2}});
    store.finish();
    EXPECT_EQ(store.run.count(outcome::committed), 2U);
    EXPECT_EQ(schema.other.value("select count(*) from quotes"), "2");
}

TEST_F(postgresql_store_test, an_item_larger_than_a_batch_is_one_transaction) {
    postgresql_store<quote> store(schema.url(), quotes(), {.create_table = true, .max_rows = 10});
    store.begin();
    std::vector<quote> rows;
    for (int i = 0; i < 10'000; ++i) rows.push_back({"A", 1, i});
    store.give(rows);
    store.finish();
    EXPECT_EQ(store.run.metrics().store.batches, 1U);
    EXPECT_EQ(schema.other.value("select count(*), count(distinct xmin::text) from quotes"), "10000|1");
}

TEST_F(postgresql_store_test, the_session_is_utf8_and_named_and_as_safe_as_the_server_says) {
    schema.other.run(
        "create table quotes(symbol text, price float8, at_ms bigint, name text default"
        " current_setting('application_name'), safe text default current_setting('synchronous_commit'),"
        " encoding text default current_setting('client_encoding'))");
    postgresql_store<quote> store(schema.nameless_url() + "&client_encoding=LATIN1", quotes(), {.max_age = 1ms});
    store.begin().give({{"é😀", 1, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_EQ(schema.other.value("select encode(convert_to(symbol, 'UTF8'), 'hex') from quotes"), "c3a9f09f9880");
    EXPECT_EQ(schema.other.value("select name, safe, encoding from quotes"), "penstock|on|UTF8");
}

struct postgresql_names_test : ::testing::TestWithParam<std::string> {
    own_schema schema;
};

/// A name as SQL has it, written anew here so that the library's quoting is not tested against itself.
std::string in_quotes(const std::string& name) {
    std::string text;
    for (const char letter : name) text += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    return '"' + text + '"';
}

TEST_P(postgresql_names_test, P13_any_name_is_a_name_and_nothing_else) {
    const std::string name = GetParam();
    schema.other.run("create table canary(alive int); insert into canary values (1)");
    postgresql_store<quote> store(schema.url(),
                                  table(name, column(name, &quote::symbol).key(), column(name + "2", &quote::price)));
    store.begin();
    store.give({{name, 2.5, 0}});
    store.give({{name, 3.5, 0}});
    store.finish();
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
    EXPECT_TRUE(holds(store.run.settled().at(1).reason, "23505"));
    EXPECT_TRUE(holds(store.run.settled().at(1).reason, "(row 0 of the item"));
    EXPECT_EQ(schema.other.value("select relname from pg_class where relnamespace = '" + schema.name
                                 + "'::regnamespace and relkind = 'r' and relname <> 'canary'"),
              name);
    EXPECT_EQ(schema.other.value("select " + in_quotes(name) + " from " + in_quotes(name)), name);
    EXPECT_EQ(schema.other.value("select alive from canary"), "1");
}

INSTANTIATE_TEST_SUITE_P(names, postgresql_names_test,
                         ::testing::Values("plain", "Mixed Case", "select", "a\"b", "\"\"\"", "'", "\\", "\\'",
                                           "x'; drop table canary; --", "x\"; drop table canary; --",
                                           "x\" int); drop table canary; --", "été 😀", "a,b", "$1", ":a", "a--b", "/*",
                                           "line\nbreak", "tab\there", "1", "%s", std::string(62, 'x')));

TEST_F(postgresql_store_test, P13_a_table_may_be_named_with_its_schema) {
    postgresql_store<quote> store(server_url(), table(schema.name + ".T", column("Price", &quote::price)));
    store.begin().give({{"", 3, 0}});
    store.finish();
    EXPECT_EQ(schema.other.value("select \"Price\" from \"T\""), "3");
}

}  // namespace
}  // namespace penstock::testing
