#include <gtest/gtest.h>

#include "fake_run.hpp"
#include "stages/store/batch_writer.hpp"

namespace penstock::detail {
namespace {

/// A database that loses every link at COMMIT, after it has refused the second item.
struct losing_connection final : connection {
    write_result write(std::span<const encoded_rows* const>) override {
        return {write_end::in_doubt, "database_in_doubt: gone", {{1, "bad row"}}};
    }
    bool pause(std::chrono::nanoseconds) noexcept override { return true; }
    void interrupt() noexcept override {}
};

TEST(postgresql_in_doubt_test, P4_items_of_a_lost_commit_are_in_doubt_with_a_letter_each_and_refused_ones_dead) {
    testing::fake_run run;
    batch_writer writer(std::make_unique<losing_connection>(), run);
    for (int round = 0; round < 2; ++round) {
        batch work;
        for (int item = 0; item < 3; ++item) work.items.push_back(run.hold({"x", 1, {}}));
        work.rows = 3;
        EXPECT_TRUE(writer.write(std::move(work))) << "the next batch is none of the lost one's business";
    }
    const auto ends = run.settled();
    EXPECT_EQ(ends.at(0).how, outcome::in_doubt);
    EXPECT_EQ(ends.at(0).reason, "database_in_doubt: gone");
    EXPECT_EQ(ends.at(1).how, outcome::dead);
    EXPECT_EQ(ends.at(1).reason, "bad row");
    EXPECT_EQ(ends.at(2).how, outcome::in_doubt);
    EXPECT_EQ(run.count(outcome::in_doubt), 4U);
    EXPECT_EQ(run.count(outcome::abandoned), 0U);
    EXPECT_EQ(run.failed(), "") << "the run goes on";
}

}  // namespace
}  // namespace penstock::detail
