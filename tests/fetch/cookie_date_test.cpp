#include "cookie_date.hpp"

#include <gtest/gtest.h>

namespace penstock::fetch_stage {
namespace {

using namespace std::chrono;

sys_seconds at(int year_, unsigned month_, unsigned day_, seconds time = {}) {
    return sys_days(year(year_) / static_cast<int>(month_) / static_cast<int>(day_)) + time;
}

TEST(cookie_date, is_read_in_all_forms_that_servers_use) {
    const sys_seconds moment = at(1994, 11, 6, 8h + 49min + 37s);
    for (const char* same :
         {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
          "Sun, 6-NOV-1994 8:49:37", "08:49:37 1994 november 06", "6 Nov 1994 08:49:37 +0100",
          "\tSun,06/Nov/1994;08:49:37.5;;", "6th Nov 1994th 08:49:37x 1995 7 Dec 09:00:00"}) {
        EXPECT_EQ(read_cookie_date(same), moment) << same;
    }
}

TEST(cookie_date, has_a_century_for_years_of_two_digits) {
    const std::pair<const char*, int> years[] = {{"00", 2000}, {"26", 2026}, {"69", 2069}, {"70", 1970},
                                                 {"99", 1999}, {"100", 100}, {"199", 199}, {"9999", 9999}};
    for (const auto& [text, full] : years) {
        const auto read = read_cookie_date("Thu, 01-Jan-" + std::string(text) + " 00:00:01 GMT");
        if (full < 1601) {
            EXPECT_FALSE(read) << text;
        } else {
            EXPECT_EQ(read, at(full, 1, 1, 1s)) << text;
        }
    }
}

TEST(cookie_date, may_lie_before_1970) {
    EXPECT_EQ(read_cookie_date("Wed, 31 Dec 1969 23:00:00 GMT"), at(1969, 12, 31, 23h));
    EXPECT_EQ(read_cookie_date("Mon, 01 Jan 1601 00:00:00 GMT"), at(1601, 1, 1));
    EXPECT_FALSE(read_cookie_date("Sun, 31 Dec 1600 23:59:59 GMT"));
}

TEST(cookie_date, is_none_if_a_part_is_missing_or_there_is_no_such_date) {
    EXPECT_EQ(read_cookie_date("29 Feb 2024 23:59:59"), at(2024, 2, 29, 24h - 1s));
    for (const char* none : {"",
                             "garbage",
                             "0",
                             "06 Nov 1994",
                             "Nov 1994 08:49:37",
                             "06 1994 08:49:37",
                             "06 Nov 08:49:37",
                             "06 Nov 1994 08:49",
                             "06 Nov 1994 24:00:00",
                             "06 Nov 1994 08:60:00",
                             "06 Nov 1994 08:49:60",
                             "06 Nov 1994 008:49:37",
                             "06 Nov 1994 08:49:370",
                             "006 Nov 94 08:49:37",
                             "00 Nov 1994 08:49:37",
                             "31 Nov 1994 08:49:37",
                             "29 Feb 2023 08:49:37",
                             "32 Dec 1994 08:49:37",
                             "06 Nov 19945 08:49:37",
                             "06 Nob 1994 08:49:37",
                             "06 No 1994 08:49:37",
                             "-1 -1 -1 99999999999999999999:0:0"}) {
        EXPECT_FALSE(read_cookie_date(none)) << none;
    }
}

}  // namespace
}  // namespace penstock::fetch_stage
