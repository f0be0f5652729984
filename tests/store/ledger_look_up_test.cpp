#include "stages/store/ledger_look_up.hpp"

#include <gtest/gtest.h>

#include "fake_run.hpp"

namespace penstock::testing {
namespace {

/// A ledger that holds every key, and counts the questions.
class counting_reader final : public detail::ledger_reader {
public:
    counting_reader(bool held_any, int& questions) : held_any_(held_any), questions_(questions) {}

    bool held_any() const noexcept override { return held_any_; }
    detail::look_up_result look_up(std::span<const item_key> keys, std::vector<bool>& settled) override {
        ++questions_;
        settled.assign(keys.size(), true);
        return {};
    }
    bool pause(std::chrono::nanoseconds) noexcept override { return true; }
    void interrupt() noexcept override {}

private:
    const bool held_any_;
    int& questions_;
};

struct ledger_look_up_test : ::testing::Test {
    /// Whether an item is said to be settled.
    bool is_settled() {
        detail::slot item(nullptr, nullptr, nullptr);
        detail::slot* const items[] = {&item};
        std::vector<bool> settled{false};
        EXPECT_TRUE(looking_up.look_up(items, settled, run));
        return settled[0];
    }

    fake_run run;
    int questions = 0;
    detail::ledger_look_up looking_up;
};

TEST_F(ledger_look_up_test, a_ledger_that_held_anything_is_asked) {
    looking_up.open(std::make_unique<counting_reader>(true, questions));
    EXPECT_TRUE(is_settled());
    EXPECT_EQ(questions, 1);
}

TEST_F(ledger_look_up_test, an_empty_ledger_is_asked_once_others_turn_out_to_settle_too) {
    looking_up.open(std::make_unique<counting_reader>(false, questions));
    EXPECT_FALSE(is_settled());
    EXPECT_EQ(questions, 0);
    looking_up.others_settle_too();
    EXPECT_TRUE(is_settled());
    looking_up.open(std::make_unique<counting_reader>(false, questions));
    EXPECT_FALSE(is_settled()) << "another run";
    EXPECT_EQ(questions, 1);
}

}  // namespace
}  // namespace penstock::testing
