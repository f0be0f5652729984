// The formats that come from outside, or go to where they would do harm: each with many inputs.
#include "formats.hpp"

#include <gtest/gtest.h>

#include "tests/schedules/campaign.hpp"

namespace penstock::testing {
namespace {

constexpr campaign short_one{.schedules = 4000, .longest = 48};

TEST(formats, urls_are_cut_as_libcurl_does_and_show_no_password) { EXPECT_EQ(run_campaign(check_url, short_one), ""); }
TEST(formats, no_header_ends_its_line) { EXPECT_EQ(run_campaign(check_header, short_one), ""); }
TEST(formats, H11_no_cookie_goes_to_a_stranger) { EXPECT_EQ(run_campaign(check_cookie, short_one), ""); }
TEST(formats, a_head_is_complete_at_its_end_and_not_before) { EXPECT_EQ(run_campaign(check_head, short_one), ""); }
TEST(formats, every_end_of_an_attempt_is_a_page_or_has_a_reason) {
    EXPECT_EQ(run_campaign(check_classify, short_one), "");
}
TEST(formats, a_retry_comes_neither_too_soon_nor_too_late) { EXPECT_EQ(run_campaign(check_retry, short_one), ""); }
TEST(formats, P14_what_copy_writes_reads_back) { EXPECT_EQ(run_campaign(check_copy, short_one), ""); }
TEST(formats, P13_a_name_stays_in_its_quotes) { EXPECT_EQ(run_campaign(check_names, short_one), ""); }
TEST(formats, J4_a_cut_page_is_never_a_shorter_one) {
    EXPECT_EQ(run_campaign(check_json, {.schedules = 400, .longest = 48}), "");
}

}  // namespace
}  // namespace penstock::testing
