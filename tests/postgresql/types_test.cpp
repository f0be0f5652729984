#include <chrono>

#include "postgresql_store.hpp"

namespace penstock::testing {
enum class mood { good, bad };
}
template <>
struct penstock::stored_as<penstock::testing::mood> {
    static std::string_view value(testing::mood of) { return of == testing::mood::good ? "good" : "bad"; }
};

namespace penstock::testing {
namespace {

using namespace std::chrono;

struct visit {
    std::int64_t id = 0;
    sys_days day = 2026y / November / 22;
    std::optional<system_clock::time_point> at{};
    decimal paid{"1"};
    json_text note{"{}"};
    mood how = mood::good;
};

auto id_column() { return column("id", &visit::id).key(); }
table<visit> visits(std::string_view paid = "numeric(12,2)", std::string_view note = "") {
    return table("visits", id_column(), column("day", &visit::day), column("at", &visit::at),
                 column("paid", &visit::paid).sql_type(paid), column("note", &visit::note).sql_type(note),
                 column("how", &visit::how).sql_type("mood"));
}

struct postgresql_types_test : ::testing::Test {
    own_schema schema;
    void SetUp() override { schema.other.run("create type mood as enum ('good', 'bad'); set timezone = 'Asia/Tokyo'"); }

    std::string preflight(const table<visit>& rows, const std::string& made) {
        schema.other.run("drop table if exists visits; create table visits(" + made + ")");
        return postgresql_store<visit>(schema.url(), rows, {}).preflight_message();
    }
};

TEST_F(postgresql_types_test, P14_dates_times_decimals_json_and_enums_come_back_as_they_were) {
    postgresql_store<visit> store(schema.url() + "%20-ctimezone%3DAmerica/New_York", visits());
    store.begin();
    store.give({{.id = 1, .at = sys_days(2026y / March / 29) + 2h + 30min + 1us, .paid = {"-12.50"}}});
    store.give({{.id = 2, .day = 1y / January / 1, .note = {"[ 1,\t\"\\u00e9\" ]"}, .how = mood::bad}});
    store.give({{.id = 3, .day = 9999y / December / 31, .paid = {"9999999999.99"}}});
    store.finish();
    EXPECT_EQ(store.run.failed(), "");
    EXPECT_EQ(schema.other.ask("select id, day, to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), paid, note,"
                               " how from visits order by id"),
              (std::vector<std::string>{"1|2026-11-22|2026-03-29 02:30:00.000001|-12.50|{}|good",
                                        "2|0001-01-01|NULL|1.00|[ 1,\t\"\\u00e9\" ]|bad",
                                        "3|9999-12-31|NULL|9999999999.99|{}|good"}));
    EXPECT_EQ(
        schema.other.ask("select format_type(atttypid, atttypmod), attnotnull from pg_attribute"
                         " where attrelid = 'visits'::regclass and attnum > 1 order by attnum"),
        (std::vector<std::string>{"date|t", "timestamp with time zone|f", "numeric(12,2)|t", "json|t", "mood|t"}));
}

TEST_F(postgresql_types_test, P9_what_the_types_refuse_is_one_dead_letter_each) {
    postgresql_store<visit> store(schema.url(), visits("numeric(4,2)", "jsonb"), one_batch_created);
    store.begin().give_together({{{.id = 1}},
                                 {{.id = 2, .paid = {"100.00"}}},
                                 {{.id = 3, .note = {"{"}}},
                                 {{.id = 4, .note = {"\"\\u0000\""}}},
                                 {{.id = 5, .paid = {"1.005"}}},
                                 {{.id = 6}}});
    store.finish();
    const auto ends = store.run.settled();
    EXPECT_TRUE(holds(ends.at(1).reason, "22003"));
    EXPECT_TRUE(holds(ends.at(2).reason, "22P02"));
    EXPECT_TRUE(holds(ends.at(3).reason, "22P05"));
    EXPECT_TRUE(holds(ends.at(4).reason, "a number of 3 decimals"));
    EXPECT_EQ(schema.other.ask("select id from visits order by id"), (std::vector<std::string>{"1", "6"}));
}

TEST_F(postgresql_types_test, P1_a_column_that_would_round_is_refused) {
    const std::string rest = ", paid numeric, note json, how mood";
    EXPECT_EQ(preflight(visits(), "id bigint, day date, at timestamptz(6)" + rest), "");
    EXPECT_EQ(preflight(visits(), "id bigint, day date, at timestamp" + rest), "");
    EXPECT_EQ(preflight(visits(), "id bigint, day text, at text, paid text, note text, how text"), "");
    EXPECT_TRUE(holds(preflight(visits(), "id bigint, day date, at timestamptz(3)" + rest),
                      "declares its column at as timestamp(3) with time zone, which would change or refuse timestamp"));
    EXPECT_TRUE(holds(preflight(visits(), "id bigint, day timestamptz, at timestamptz" + rest), "its column day as"));
    const std::string begin = "id bigint, day date, at timestamptz, note json, how mood, paid ";
    EXPECT_EQ(preflight(visits("numeric(12,2)"), begin + "numeric(12,2)"), "");
    EXPECT_TRUE(
        holds(preflight(visits("numeric"), begin + "numeric(12,2)"), "give the column the sql_type \"numeric(12,2)"));
    EXPECT_TRUE(holds(preflight(visits("numeric(12,4)"), begin + "numeric(12,2)"), "its column paid as numeric(12,2)"));
    EXPECT_TRUE(holds(preflight(visits(), begin + "float8"), "its column paid as double precision"));
}

}  // namespace
}  // namespace penstock::testing
