#include "sqlite_store.hpp"

#include <chrono>
#include <limits>
#include <memory>

#include "tests/patience.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;

struct sqlite_store_test : ::testing::Test {
    temporary_folder folder{in_memory()};
    const std::filesystem::path file = folder / "quotes.db";
};

TEST_F(sqlite_store_test, another_program_sees_the_rows_of_a_quiet_run_soon) {
    sqlite_store<quote> store(file, quotes(), {.create_table = true, .max_age = 500ms});
    store.begin();
    const auto given = std::chrono::steady_clock::now();
    store.give({{"A", 1.5, 10}});
    ASSERT_TRUE(store.wait());
    EXPECT_LT(std::chrono::steady_clock::now() - given, 500ms + promptly);
    EXPECT_EQ(other_program(file).ask("select * from quotes"), std::vector<std::string>{"A|1.5|10"});
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
}

TEST_F(sqlite_store_test, a_full_batch_does_not_wait_for_its_age) {
    sqlite_store<quote> store(file, quotes(), {.create_table = true, .max_rows = 4, .max_age = 1h});
    store.begin();
    store.give({{"A", 1, 1}, {"A", 1, 2}});
    store.give({{"A", 1, 3}, {"A", 1, 4}});
    EXPECT_TRUE(store.wait());
    EXPECT_EQ(store.run.metrics().store.batches, 1U);
}

TEST_F(sqlite_store_test, G1_a_queue_of_one_does_not_wait_for_more_items) {
    sqlite_store<quote> store(file, quotes(), {.create_table = true, .max_age = 1h}, 1);
    store.begin();
    for (int i = 0; i < 3; ++i) {
        store.give({{"A", 1, i}});
        ASSERT_TRUE(store.wait());
    }
    EXPECT_EQ(store.run.metrics().store.batches, 3U);
}

TEST_F(sqlite_store_test, the_end_commits_what_waits) {
    sqlite_store<quote> store(file, quotes(), {.create_table = true, .max_age = 1h});
    store.begin();
    store.give({{"A", 1, 1}});
    store.finish();
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
    EXPECT_EQ(other_program(file).value("select count(*) from quotes"), "1");
}

TEST_F(sqlite_store_test, a_run_leaves_no_journal_behind) {
    sqlite_store<quote> store(file, quotes());
    store.begin();
    store.give({{"A", 1, 1}});
    ASSERT_TRUE(store.wait());
    EXPECT_TRUE(std::filesystem::exists(file.string() + "-wal"));
    store.finish();
    EXPECT_FALSE(std::filesystem::exists(file.string() + "-wal"));
    EXPECT_FALSE(std::filesystem::exists(file.string() + "-shm"));
}

TEST_F(sqlite_store_test, items_without_rows_are_committed_without_a_transaction) {
    sqlite_store<quote> store(file, quotes());
    store.begin();
    store.give({});
    store.finish();
    EXPECT_EQ(store.run.count(outcome::committed), 1U);
    EXPECT_EQ(store.run.metrics().store.batches, 0U);
}

TEST_F(sqlite_store_test, items_without_rows_ride_along) {
    sqlite_store<quote> store(file, quotes());
    store.begin();
    store.give_together({{}, {{"A", 1, 1}}, {}, {{"A", 1, 1}}, {}});
    store.finish();
    EXPECT_EQ(store.run.count(outcome::committed), 4U);
    EXPECT_EQ(store.run.settled().at(3).how, outcome::dead);
}

TEST_F(sqlite_store_test, a_store_can_run_again) {
    sqlite_store<quote> store(file, quotes());
    store.begin().give({{"A", 1, 1}});
    store.finish();
    store.begin().give({{"A", 1, 2}});
    store.finish();
    EXPECT_EQ(store.run.count(outcome::committed), 2U);
    EXPECT_EQ(other_program(file).value("select count(*) from quotes"), "2");
}

TEST_F(sqlite_store_test, the_metrics_count_what_was_committed) {
    sqlite_store<quote> store(file, quotes(), {.create_table = true, .max_age = 1h});
    store.begin();
    store.give_together({{{"A", 1, 1}, {"A", 1, 2}}, {{"A", 1, 1}, {"B", 1, 2}}, {{"C", 1, 1}}});
    store.finish();
    const auto& figures = store.run.metrics().store;
    EXPECT_EQ(figures.rows, 3U);
    EXPECT_EQ(figures.batches, 1U);
    EXPECT_EQ(figures.bytes, 3U * (5 + 1 + 9 + 9));
    EXPECT_GT(figures.busy_ns, 0U);
}

struct everything {
    std::int64_t id = 0;
    std::optional<std::string> text{};
    double real = 0;
    std::optional<std::vector<std::byte>> bytes{};
    bool flag = false;
    std::optional<std::int64_t> number{};
    bool operator==(const everything&) const = default;
};

std::vector<everything> all_kinds(std::int64_t first, std::int64_t rows) {
    const std::vector<std::optional<std::string>> texts = {"",
                                                           std::nullopt,
                                                           "it's \"quoted\"",
                                                           "tab\tline\nreturn\r\\N \\.",
                                                           "emoji 😀 é",
                                                           "'; drop table everything; --",
                                                           "12",
                                                           "0x1p3",
                                                           std::string(300, 'x')};
    const std::vector<std::optional<std::int64_t>> numbers = {
        0, -1, std::nullopt, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
    const std::vector<double> reals = {0.0, 0.1, -1e308, 5e-324, 1e15, 9007199254740993.0};
    std::vector<everything> rows_of;
    for (std::int64_t id = first; id < first + rows; ++id) {
        const auto at = static_cast<std::size_t>(id);
        everything row{.id = id,
                       .text = texts[at % texts.size()],
                       .real = reals[at % reals.size()],
                       .flag = at % 2 == 1,
                       .number = numbers[at % numbers.size()]};
        if (at % 3 != 0) row.bytes = std::vector<std::byte>(at % 7, std::byte(at % 256));
        rows_of.push_back(std::move(row));
    }
    return rows_of;
}

/// Reads the table back, each cell by the type that it has in the file.
std::vector<everything> read_back(const other_program& from) {
    sqlite3_stmt* query = nullptr;
    sqlite3_prepare_v2(from.native(), "select id, text, real, bytes, flag, number from everything order by id", -1,
                       &query, nullptr);
    std::vector<everything> rows;
    const auto size = [&](int column) { return static_cast<std::size_t>(sqlite3_column_bytes(query, column)); };
    while (sqlite3_step(query) == SQLITE_ROW) {
        everything row{.id = sqlite3_column_int64(query, 0),
                       .real = sqlite3_column_double(query, 2),
                       .flag = sqlite3_column_int(query, 4) != 0};
        EXPECT_EQ(sqlite3_column_type(query, 2), SQLITE_FLOAT);
        if (sqlite3_column_type(query, 1) == SQLITE_TEXT)
            row.text = std::string(reinterpret_cast<const char*>(sqlite3_column_text(query, 1)), size(1));
        if (sqlite3_column_type(query, 3) == SQLITE_BLOB) {
            const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(query, 3));
            row.bytes = std::vector<std::byte>(bytes, bytes + size(3));
        }
        if (sqlite3_column_type(query, 5) == SQLITE_INTEGER) row.number = sqlite3_column_int64(query, 5);
        rows.push_back(std::move(row));
    }
    sqlite3_finalize(query);
    return rows;
}

table<everything> everything_table() {
    return table("everything", column("id", &everything::id).key(), column("text", &everything::text),
                 column("real", &everything::real), column("bytes", &everything::bytes),
                 column("flag", &everything::flag), column("number", &everything::number));
}

TEST_F(sqlite_store_test, P14_ten_thousand_rows_of_every_type_come_back_byte_for_byte) {
    sqlite_store<everything> store(file, everything_table());
    store.begin();
    std::vector<everything> expected;
    for (std::int64_t item = 0; item < 100; ++item) {
        auto rows = all_kinds(item * 100, 100);
        if (item == 50) rows[7].text = std::string(1 << 20, 'm') + "é";
        expected.insert(expected.end(), rows.begin(), rows.end());
        store.give(std::move(rows));
    }
    store.finish();
    EXPECT_EQ(store.run.count(outcome::committed), 100U);
    EXPECT_TRUE(read_back(other_program(file)) == expected);
}

TEST_F(sqlite_store_test, a_created_table_holds_its_types) {
    sqlite_store<everything> store(file, everything_table());
    store.begin().finish();
    const other_program other(file);
    EXPECT_EQ(other.value("select strict from pragma_table_list('everything')"), "1");
    EXPECT_EQ(other.ask("select name, type, \"notnull\", pk from pragma_table_info('everything')"),
              (std::vector<std::string>{"id|INTEGER|1|1", "text|TEXT|0|0", "real|REAL|1|0", "bytes|BLOB|0|0",
                                        "flag|INTEGER|1|0", "number|INTEGER|0|0"}));
    EXPECT_THROW(other.run("insert into everything(id, real, flag) values (1, 1, 2)"), std::runtime_error);
}

TEST_F(sqlite_store_test, an_item_larger_than_a_batch_is_one_transaction) {
    sqlite_store<quote> store(file, quotes(), {.create_table = true, .max_rows = 10});
    store.begin();
    std::vector<quote> rows;
    for (int i = 0; i < 1000; ++i) rows.push_back({"A", 1, i});
    store.give(rows);
    store.finish();
    EXPECT_EQ(store.run.metrics().store.batches, 1U);
    EXPECT_EQ(store.run.metrics().store.rows, 1000U);
}

}  // namespace
}  // namespace penstock::testing
