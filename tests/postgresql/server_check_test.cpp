#include <gtest/gtest.h>

#include "tests/fuzz/formats.hpp"
#include "tests/schedules/campaign.hpp"

namespace penstock::testing {
namespace {

TEST(server_check, P13_P14_any_name_and_any_cell_is_kept_as_it_is_and_harms_nobody) {
    EXPECT_EQ(run_campaign(check_server, {.schedules = 60, .longest = 80}), "");
}

}  // namespace
}  // namespace penstock::testing
