#include <gtest/gtest.h>

#include "penstock/errors.hpp"
#include "penstock/stages/fetch/fetch_options.hpp"

namespace penstock::fetch_stage {
namespace {

using namespace std::chrono_literals;

std::string complaint_about(const fetch_options& options) {
    try {
        check(options);
    } catch (const bad_option& error) {
        return error.what();
    }
    return {};
}

TEST(check_options, the_defaults_are_right) { EXPECT_EQ(complaint_about({}), ""); }

TEST(check_options, a_refusal_names_field_value_and_cure) {
    EXPECT_EQ(complaint_about({.timeout = 0s}), "fetch: timeout is 0 ms; give 1 ms to 24 h");
    EXPECT_EQ(complaint_about({.connections_per_host = 0}), "fetch: connections_per_host is 0; give 1 to 100000");
    EXPECT_EQ(complaint_about({.max_redirects = 21}), "fetch: max_redirects is 21; give 0 to 20");
    EXPECT_NE(complaint_about({.backoff_factor = 0.5}), "");
    EXPECT_NE(complaint_about({.backoff_factor = std::numeric_limits<double>::quiet_NaN()}), "");
    EXPECT_NE(complaint_about({.max_body = 0}), "");
    EXPECT_NE(complaint_about({.backoff = -1ms}), "");
    EXPECT_NE(complaint_about({.ca_file = "/no/such/file"}), "");
}

TEST(check_options, limits_that_would_stop_everything_are_refused) {
    EXPECT_EQ(complaint_about({.rate = 0}), "fetch: rate is 0.000000; give 0.0001 to 1000000, or leave it out");
    EXPECT_NE(complaint_about({.rate_per_host = -1}), "");
    EXPECT_NE(complaint_about({.rate_per_host = std::numeric_limits<double>::quiet_NaN()}), "");
    EXPECT_NE(complaint_about({.burst_per_host = 0}), "");
    EXPECT_NE(complaint_about({.burst = 0}), "");
    EXPECT_NE(complaint_about({.connections = 0}), "");
    EXPECT_NE(complaint_about({.parked_share = 0}), "");
    EXPECT_NE(complaint_about({.parked_share = 1.5}), "");
    EXPECT_NE(complaint_about({.retry_budget = -0.1}), "");
    EXPECT_EQ(complaint_about({.retry_budget = 0, .connections = 1, .rate_per_host = 0.5, .rate = 1e6}), "");
}

TEST(check_options, answers_that_never_change_are_not_retried) {
    for (const int status : {200, 304, 401, 403, 404, 600})
        EXPECT_NE(complaint_about({.retry_on_status = {status}}), "");
    EXPECT_EQ(complaint_about({.retry_on_status = {408, 425}}), "");
}

TEST(check_options, H12_a_bad_header_is_named_without_its_value) {
    const std::string complaint = complaint_about({.headers = {{"X-Key", "secret\r\nY: z"}}});
    EXPECT_NE(complaint.find("X-Key"), std::string::npos);
    EXPECT_EQ(complaint.find("secret"), std::string::npos);
    EXPECT_NE(complaint_about({.headers = {{"Host", "x"}}}), "");
}

TEST(check_options, H12_a_header_whose_name_is_none_is_told_by_its_place) {
    for (const char* name : {"Authorization: Bearer s3cret", "s3cret\n", "s3cret@example"}) {
        const std::string complaint = complaint_about({.headers = {{"Accept", "a"}, {name, "x"}}});
        EXPECT_TRUE(complaint.starts_with("fetch: header 2 has a character in its name")) << complaint;
        EXPECT_EQ(complaint.find("s3cret"), std::string::npos) << complaint;
    }
    EXPECT_EQ(complaint_about({.headers = {{"", "x"}}}), "fetch: header 1 has no name");
}

}  // namespace
}  // namespace penstock::fetch_stage
