#include "stages/store/batcher.hpp"

#include <gtest/gtest.h>

#include "fake_run.hpp"

namespace penstock::detail {
namespace {

using namespace std::chrono_literals;
using penstock::testing::fake_run;

struct batcher_test : ::testing::Test {
    slot_chain item(std::uint32_t rows, std::size_t bytes = 1) {
        return slot_chain(run.hold({std::string(bytes, 'x'), rows, {}}));
    }
    /// An item that only the ledger is to hear of, as dropped or as dead with so much text in its letter.
    slot_chain note(std::size_t text = 0) {
        slot& made = run.hold({});
        made.drop_value();
        if (text != 0) {
            made.recorded = outcome::dead;
            std::construct_at(static_cast<std::string*>(made.origin()), text, 'x');
            made.set_origin(value_type_of<std::string>);
        }
        return slot_chain(made);
    }
    static batch_limits limits() { return {100, 1000, 10, 500ms}; }

    fake_run run;
    const batcher::time_point start{};
};

TEST_F(batcher_test, a_batch_closes_on_its_rows) {
    batcher waiting(limits());
    waiting.add(item(99), start);
    EXPECT_FALSE(waiting.full());
    waiting.add(item(1), start);
    EXPECT_TRUE(waiting.full());
    const batch taken = waiting.take();
    EXPECT_EQ(taken.rows, 100U);
    EXPECT_EQ(taken.items.size(), 2U);
    EXPECT_TRUE(waiting.empty());
    EXPECT_FALSE(waiting.full());
}

TEST_F(batcher_test, a_batch_closes_on_its_bytes) {
    batcher waiting(limits());
    waiting.add(item(1, 999), start);
    EXPECT_FALSE(waiting.full());
    waiting.add(item(1, 1), start);
    EXPECT_TRUE(waiting.full());
    EXPECT_EQ(waiting.take().bytes, 1000U);
}

TEST_F(batcher_test, a_batch_closes_on_its_number_of_items) {
    batcher waiting(limits());
    for (int i = 0; i < 13; ++i) waiting.add(item(0), start);
    EXPECT_TRUE(waiting.full());
    EXPECT_EQ(waiting.take().items.size(), 10U);
    EXPECT_FALSE(waiting.full());
    EXPECT_EQ(waiting.take().items.size(), 3U);
    EXPECT_TRUE(waiting.take().items.empty());
}

TEST_F(batcher_test, a_batch_is_due_max_age_after_its_first_item) {
    batcher waiting(limits());
    waiting.add(item(1), start + 10ms);
    waiting.add(item(1), start + 400ms);
    EXPECT_EQ(waiting.due(), start + 510ms);
}

TEST_F(batcher_test, the_age_of_what_is_left_counts_from_its_own_first_item) {
    batcher waiting(limits());
    waiting.add(item(60), start);
    waiting.add(item(60), start + 400ms);
    EXPECT_EQ(waiting.take().rows, 60U);
    EXPECT_EQ(waiting.due(), start + 900ms);
}

TEST_F(batcher_test, a_batch_that_is_put_back_comes_first_and_counts_again) {
    batcher waiting(limits());
    waiting.add(item(60), start);
    waiting.add(item(60), start + 400ms);
    batch first = waiting.take();
    waiting.put_back(std::move(first));
    EXPECT_TRUE(waiting.full());
    EXPECT_EQ(waiting.due(), start + 500ms);
    EXPECT_EQ(waiting.take().rows, 60U);
    EXPECT_EQ(waiting.due(), start + 900ms);
}

TEST_F(batcher_test, several_connections_share_the_queue_out) {
    EXPECT_EQ(max_batch_items(1000, 2), 250U);
    EXPECT_EQ(max_batch_items(1000, 4), 125U);
    EXPECT_EQ(max_batch_items(8, 64), 1U);
}

TEST_F(batcher_test, an_item_larger_than_a_batch_goes_alone) {
    batcher waiting(limits());
    waiting.add(item(3), start);
    waiting.add(item(5000, 100'000), start);
    waiting.add(item(4), start);
    EXPECT_EQ(waiting.take().rows, 3U);
    EXPECT_EQ(waiting.take().rows, 5000U);
    EXPECT_EQ(waiting.take().rows, 4U);
}

TEST_F(batcher_test, G1_a_queue_of_any_size_gives_batches_of_one_item_or_more) {
    EXPECT_EQ(max_batch_items(1), 1U);
    EXPECT_EQ(max_batch_items(2), 1U);
    EXPECT_EQ(max_batch_items(4), 1U);
    EXPECT_EQ(max_batch_items(8), 2U);
    EXPECT_EQ(max_batch_items(1000), 250U);
}

TEST_F(batcher_test, items_leave_in_the_order_in_which_they_came) {
    batcher waiting({7, 1000, 10, 500ms});
    slot_chain together = item(3);
    together.append(item(3));
    waiting.add(std::move(together), start);
    waiting.add(item(3), start);
    std::vector<std::uint64_t> order;
    while (!waiting.empty())
        for (batch taken = waiting.take(); const slot* one = taken.items.pop_front();) order.push_back(one->ordinal);
    EXPECT_EQ(order, (std::vector<std::uint64_t>{0, 1, 2}));
}

TEST_F(batcher_test, notes_count_as_items) {
    batcher waiting(limits());
    for (int i = 0; i < 13; ++i) waiting.add_notes(note(), start);
    EXPECT_TRUE(waiting.full());
    EXPECT_EQ(waiting.take().notes.size(), 10U);
    EXPECT_FALSE(waiting.full());
    EXPECT_EQ(waiting.take().notes.size(), 3U);
    EXPECT_TRUE(waiting.empty());
}

TEST_F(batcher_test, the_letters_of_notes_are_bytes_of_a_batch) {
    batcher waiting({100, 90'000, 10, 500ms});
    for (int i = 0; i < 5; ++i) {
        EXPECT_FALSE(waiting.full()) << i;
        waiting.add_notes(note(9'000), start);
    }
    EXPECT_TRUE(waiting.full());
    std::size_t notes = 0;
    while (!waiting.empty()) {
        const batch taken = waiting.take();
        EXPECT_LE(taken.notes.size(), 4U);
        EXPECT_LE(taken.bytes, 90'000U);
        notes += taken.notes.size();
    }
    EXPECT_EQ(notes, 5U);
    EXPECT_FALSE(waiting.full());
}

TEST_F(batcher_test, a_letter_larger_than_a_batch_goes_alone) {
    batcher waiting(limits());
    waiting.add_notes(note(5000), start);
    waiting.add_notes(note(5000), start);
    waiting.add(item(1), start);
    EXPECT_EQ(waiting.take().items.size(), 1U);
    EXPECT_EQ(waiting.take().notes.size(), 1U);
    EXPECT_EQ(waiting.take().notes.size(), 1U);
    EXPECT_TRUE(waiting.empty());
}

TEST_F(batcher_test, letters_stay_below_what_one_statement_holds_whatever_a_batch_may) {
    batcher waiting({100, SIZE_MAX, 1000, 500ms});
    for (int i = 0; i < 10; ++i) waiting.add_notes(note(8U << 20), start);
    std::size_t notes = 0;
    while (!waiting.empty()) {
        const batch taken = waiting.take();
        EXPECT_LE(taken.notes.size() * (8U << 20), 64U << 20);
        notes += taken.notes.size();
    }
    EXPECT_EQ(notes, 10U);
}

TEST_F(batcher_test, items_and_notes_leave_in_the_order_in_which_they_came) {
    batcher waiting({100, 100'000, 2, 500ms});
    waiting.add(item(1), start);
    waiting.add_notes(note(), start + 1ms);
    waiting.add_notes(note(), start + 2ms);
    waiting.add(item(1), start + 3ms);
    waiting.add(item(1), start + 4ms);
    for (const std::size_t items : {1U, 1U}) {
        const batch taken = waiting.take();
        EXPECT_EQ(taken.items.size(), items);
        EXPECT_EQ(taken.notes.size(), 1U);
    }
    EXPECT_EQ(waiting.due(), start + 504ms);
    EXPECT_EQ(waiting.take().items.size(), 1U);
}

TEST_F(batcher_test, notes_that_are_put_back_come_first_and_count_again) {
    batcher waiting({100, 100'000, 10, 500ms});
    waiting.add_notes(note(30'000), start);
    waiting.add_notes(note(30'000), start + 1ms);
    batch first = waiting.take();
    EXPECT_EQ(first.notes.size(), 1U);
    waiting.put_back(std::move(first));
    EXPECT_TRUE(waiting.full());
    EXPECT_EQ(waiting.due(), start + 500ms);
    EXPECT_EQ(waiting.take().notes.first()->ordinal, 0U);
    EXPECT_EQ(waiting.take().notes.first()->ordinal, 1U);
}

}  // namespace
}  // namespace penstock::detail
