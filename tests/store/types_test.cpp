#include <chrono>
#include <cmath>

#include "penstock/stages/store/values.hpp"
#include "sqlite_store.hpp"
#include "stages/store/calendar_text.hpp"
#include "stages/store/decimal_rules.hpp"

namespace penstock::testing {
enum class side { buy, sell, unknown };
struct amount {
    std::int64_t cents = 0;
};
}  // namespace penstock::testing

template <>
struct penstock::stored_as<penstock::testing::side> {
    static std::optional<std::string_view> value(testing::side of) {
        if (of == testing::side::unknown) return {};
        return of == testing::side::buy ? "buy" : "sell";
    }
};
template <>
struct penstock::stored_as<penstock::testing::amount> {
    static decimal value(const testing::amount& of) {
        return {std::to_string(of.cents / 100) + '.' + std::to_string(of.cents % 100 / 10)
                + std::to_string(of.cents % 10)};
    }
};

namespace penstock::testing {
namespace {

using namespace std::chrono;

static_assert(detail::cell_type_of<sys_days> == cell_type::date);
static_assert(detail::cell_type_of<year_month_day> == cell_type::date);
static_assert(detail::cell_type_of<sys_seconds> == cell_type::timestamp);
static_assert(detail::cell_type_of<std::optional<sys_time<nanoseconds>>> == cell_type::timestamp);
static_assert(detail::cell_type_of<sys_time<duration<double>>> == cell_type::timestamp);
static_assert(detail::cell_type_of<side> == cell_type::text && detail::is_nullable<side>);
static_assert(detail::cell_type_of<std::optional<amount>> == cell_type::decimal && !detail::is_nullable<amount>);
static_assert(!detail::cell<local_days> && !detail::cell<steady_clock::time_point>);

struct order {
    std::int64_t id = 0;
    year_month_day day = 2026y / November / 22;
    sys_time<nanoseconds> at = sys_days(2026y / November / 22) + 9h + 5min;
    decimal paid{"1"};
    json_text note{"{}"};
    side what = side::buy;
    std::optional<amount> fee{};
    std::optional<std::int64_t> must{7};
};

table<order> orders() {
    return table("orders", column("id", &order::id).key(), column("day", &order::day), column("at", &order::at),
                 column("paid", &order::paid).sql_type("numeric(12,2)"), column("note", &order::note).sql_type("jsonb"),
                 column("what", &order::what), column("fee", &order::fee), column("must", &order::must).not_null());
}

struct types_test : ::testing::Test {
    temporary_folder folder;
    const std::filesystem::path file = folder / "orders.db";

    std::vector<std::string> stored(std::vector<order> rows) {
        sqlite_store<order> store(file, orders());
        store.begin();
        for (const order& row : rows) store.give({row});
        store.finish();
        ends = store.run.settled();
        return other_program(file).ask("select * from orders order by id");
    }
    std::string reason(order row) {
        (void)stored({std::move(row)});
        return ends.at(0).reason;
    }
    std::map<std::uint64_t, fake_run::settlement> ends;
};

TEST_F(types_test, P14_dates_times_decimals_json_and_own_types_are_kept_as_text) {
    EXPECT_EQ(
        stored({{.id = 1},
                {.id = 2,
                 .day = 1y / January / 1,
                 .at = sys_days(1969y / December / 31) + 23h + 59min + 59s + 999'999'999ns,
                 .paid = {"-00012.500"},
                 .note = {"[1, \"é\"]"},
                 .what = side::unknown,
                 .fee = amount{1205}}}),
        (std::vector<std::string>{"1|2026-11-22|2026-11-22T09:05:00.000000Z|1|{}|buy|NULL|7",
                                  "2|0001-01-01|1969-12-31T23:59:59.999999Z|-00012.500|[1, \"é\"]|NULL|12.05|7"}));
}

TEST_F(types_test, P9_what_no_column_could_keep_is_refused_with_its_place) {
    EXPECT_EQ(reason({.day = 2026y / February / 30}),
              "column day of table orders: no day of the calendar from 0001-01-01 to 9999-12-31 (row 0 of the item, "
              "counted from 0)");
    EXPECT_TRUE(holds(reason({.day = 0y / January / 1}), "column day"));
    EXPECT_TRUE(holds(reason({.paid = {"1.005"}}),
                      "column paid of table orders: a number of 3 decimals, of which the "
                      "column keeps 2"));
    EXPECT_TRUE(holds(reason({.paid = {"NaN"}}), "no decimal number"));
    EXPECT_TRUE(holds(reason({.note = {"{"}}), "CHECK constraint failed"));
    EXPECT_TRUE(holds(reason({.note = {std::string("\0", 1)}}), "column note of table orders: the text holds a NUL"));
    EXPECT_TRUE(holds(reason({.must = {}}), "column must of table orders: no value in a column that is NOT NULL"));
}

TEST(calendar_text_test, the_ends_of_the_calendar_are_days_of_it) {
    using detail::in_calendar;
    EXPECT_TRUE(in_calendar(sys_days(1y / January / 1)) && in_calendar(sys_days(9999y / December / 31)));
    EXPECT_FALSE(in_calendar(sys_days(1y / January / 1) - days(1)));
    EXPECT_FALSE(in_calendar(sys_days(9999y / December / 31) + days(1)));
    EXPECT_FALSE(in_calendar(sys_days::max()) || in_calendar(sys_days::min()));
    EXPECT_FALSE(in_calendar(2025y / February / 29));
    EXPECT_EQ(detail::text_of(9999y / December / 31).view(), "9999-12-31");
    EXPECT_EQ(detail::text_of(sys_time<microseconds>(-1us)).view(), "1969-12-31T23:59:59.999999Z");
}

TEST(calendar_text_test, a_time_that_microseconds_cannot_count_is_out_of_the_calendar) {
    const auto far = [](auto time) { return !detail::in_calendar(floor<days>(detail::in_microseconds(time))); };
    EXPECT_TRUE(far(sys_time<years>(years(1'000'000'000))) && far(sys_time<hours>(hours::max())));
    EXPECT_TRUE(far(sys_time<duration<double>>(duration<double>(std::nan("")))));
    EXPECT_TRUE(far(sys_time<duration<double>>(duration<double>(1e300))));
    EXPECT_FALSE(far(sys_time<nanoseconds>::max()) || far(sys_time<nanoseconds>::min()));
}

TEST(decimal_rules_test, a_decimal_is_a_sign_digits_and_a_point) {
    using detail::why_decimal_is_refused;
    for (const char* good : {"0", "-1", "+1.5", "007", "123456789012345678901234567890.123456789"})
        EXPECT_EQ(why_decimal_is_refused(good, {}), "") << good;
    for (const char* bad : {"", "-", ".5", "5.", "1e5", " 1", "1 ", "1,5", "0x1", "inf", "1.2.3", "--1", "1\n"})
        EXPECT_NE(why_decimal_is_refused(bad, {}), "") << bad;
    EXPECT_EQ(why_decimal_is_refused("1.500", 1), "");
    EXPECT_NE(why_decimal_is_refused("1.51", 1), "");
    EXPECT_NE(why_decimal_is_refused("0.1", 0), "");
}

TEST(decimal_rules_test, the_decimals_of_a_declared_type) {
    using detail::decimals_of;
    EXPECT_EQ(decimals_of("numeric(12,2)"), 2U);
    EXPECT_EQ(decimals_of("NUMERIC ( 12, 4 )"), 4U);
    EXPECT_EQ(decimals_of("decimal(5)"), 0U);
    EXPECT_EQ(decimals_of("numeric"), std::nullopt);
    EXPECT_EQ(decimals_of("jsonb"), std::nullopt);
}

TEST(names_test, P13_an_sql_type_can_say_no_more_than_a_type) {
    const auto refused = [](std::string_view type) {
        return refusal_of([&] { table("t", column("a", &order::id).sql_type(type)); });
    };
    for (const char* good : {"numeric(12,2)", "text[]", "\"My Type\"", "app.mood", "timestamp with time zone"})
        EXPECT_EQ(refused(good), "") << good;
    for (const char* bad : {"int); drop table canary; --", "int, b int", "int)", "(int", "\"a", "int /*", "int'", "é"})
        EXPECT_TRUE(holds(refused(bad), "the sql_type of column a of table t is not the name of a type")) << bad;
}

}  // namespace
}  // namespace penstock::testing
