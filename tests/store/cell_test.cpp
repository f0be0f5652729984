#include "penstock/stages/store/cell.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "penstock/stages/store/table.hpp"

namespace penstock::detail {
namespace {

enum class colour { red };

static_assert(cell_type_of<int> == cell_type::integer && cell_type_of<std::uint64_t> == cell_type::integer);
static_assert(cell_type_of<signed char> == cell_type::integer);
static_assert(cell_type_of<float> == cell_type::real && cell_type_of<bool> == cell_type::boolean);
static_assert(cell_type_of<std::string> == cell_type::text && cell_type_of<const char*> == cell_type::text);
static_assert(cell_type_of<char[8]> == cell_type::text && cell_type_of<std::string_view> == cell_type::text);
static_assert(cell_type_of<std::vector<std::byte>> == cell_type::bytes);
static_assert(cell_type_of<std::span<const std::byte>> == cell_type::bytes);
static_assert(cell_type_of<std::optional<double>> == cell_type::real);
static_assert(!cell<char> && !cell<char8_t> && !cell<long double> && !cell<colour> && !cell<std::nullptr_t>);
static_assert(!cell<std::optional<std::optional<int>>> && !cell<std::chrono::milliseconds>);
static_assert(!cell<std::vector<char>> && !cell<int*> && !cell<void*>);

struct base {
    int id = 0;
};
struct row : base {
    std::optional<std::string> note;
    std::string name() const { return "n"; }
};

TEST(cell_test, the_row_type_is_that_of_the_first_member_pointer) {
    const auto rows = table("t", column("double", [](const row& r) { return r.id * 2; }), column("note", &row::note),
                            column("name", &row::name).key());
    static_assert(std::is_same_v<decltype(rows), const table<row>>);
    const auto& columns = rows.spec()->columns;
    EXPECT_EQ(columns[0].type, cell_type::integer);
    EXPECT_FALSE(columns[0].nullable);
    EXPECT_TRUE(columns[1].nullable);
    EXPECT_EQ(columns[2].type, cell_type::text);
    EXPECT_TRUE(columns[2].key);
    EXPECT_FALSE(columns[1].key);
}

TEST(cell_test, the_row_type_can_be_named) {
    const auto calls = table<row>("t", column("id", [](const row& r) { return r.id; }));
    const auto bases = table<row>("t", column("id", &row::id));
    static_assert(
        std::is_same_v<decltype(calls), const table<row>> && std::is_same_v<decltype(bases), const table<row>>);
    EXPECT_EQ(calls.spec()->columns.size(), 1U);
}

}  // namespace
}  // namespace penstock::detail
