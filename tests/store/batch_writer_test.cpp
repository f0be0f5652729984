#include "stages/store/batch_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <thread>
#include <utility>

#include "fake_run.hpp"

namespace penstock::detail {
namespace {

using ::testing::ElementsAre;

/// A database whose answers, and what happens meanwhile, are a test's.
struct told_connection final : connection {
    write_result write(std::span<const encoded_rows* const>) override { return answer(*this); }
    bool pause(std::chrono::nanoseconds) noexcept override {
        rests();
        return true;
    }
    void interrupt() noexcept override {}
    void work_in_the_wait() { in_waits()(); }

    std::function<write_result(told_connection&)> answer = [](told_connection&) { return write_result(); };
    std::function<void()> rests = [] {};
};

struct world {
    bool write_an_item() {
        batch work;
        work.items.push_back(run.hold({"row", 1, {}}));
        work.rows = 1;
        work.bytes = 3;
        return writer.write(std::move(work));
    }
    std::size_t committed() const { return run.count(outcome::committed); }

    testing::fake_run run;
    told_connection* const to = new told_connection;  // The writer owns it.
    batch_writer writer{std::unique_ptr<connection>(to), run};
};

class batch_writer_test : public ::testing::Test, protected world {};

TEST_F(batch_writer_test, settles_what_is_committed_while_the_database_is_at_work_on_the_next_batch) {
    write_an_item();
    EXPECT_EQ(committed(), 0U);
    std::size_t in_the_wait = 0;
    to->answer = [&](told_connection& by) {
        EXPECT_EQ(committed(), 0U) << "before the wait";
        by.work_in_the_wait();
        in_the_wait = committed();
        by.work_in_the_wait();  // As with several tables.
        return write_result();
    };
    write_an_item();
    EXPECT_EQ(in_the_wait, 1U);
    writer.settle_committed();
    writer.settle_committed();
    EXPECT_EQ(committed(), 2U);
    EXPECT_EQ(run.metrics().store.rows.load(), 2U);
    EXPECT_EQ(run.metrics().store.bytes.load(), 6U);
    EXPECT_EQ(run.metrics().store.batches.load(), 2U);
}

TEST_F(batch_writer_test, settles_what_is_committed_whatever_becomes_of_the_next_batch) {
    using answer = write_result (*)(told_connection&);
    const answer answers[] = {
        [](told_connection&) { return write_result(); },
        [](told_connection&) {
            return write_result{write_end::gone, "gone"};
        },
        [](told_connection&) {
            return write_result{write_end::in_doubt, "lost"};
        },
        [](told_connection&) { return write_result{write_end::interrupted}; },
        [](told_connection&) -> write_result { throw std::bad_alloc(); },
    };
    for (std::size_t at = 0; at < std::size(answers); ++at) {
        world one;
        one.write_an_item();
        one.to->answer = answers[at];
        one.write_an_item();
        EXPECT_EQ(one.run.settled().at(0).how, outcome::committed) << "answer " << at;
    }
}

TEST_F(batch_writer_test, settles_what_is_committed_before_it_rests) {
    write_an_item();
    std::size_t at_rest = 0;
    to->answer = [&](told_connection& by) {
        by.answer = [](told_connection&) { return write_result(); };
        return write_result{write_end::try_again, "locked"};
    };
    to->rests = [&] { at_rest = committed(); };
    write_an_item();
    EXPECT_EQ(at_rest, 1U);
}

TEST_F(batch_writer_test, counts_tries_and_warns_once_of_a_database_that_is_waited_for) {
    std::size_t tries = 0;
    to->answer = [&](told_connection&) {
        if (++tries == 1) return write_result{write_end::try_again, "a hiccup", {}, retry_schedule::any_number};
        if (tries == 2) std::this_thread::sleep_for(std::chrono::milliseconds(1100));
        if (tries < 5) return write_result{write_end::try_again, "locked by somebody", {}, retry_schedule::any_number};
        return write_result();
    };
    write_an_item();
    EXPECT_EQ(run.metrics().store.retries.load(), 4U);
    EXPECT_THAT(run.warnings(), ElementsAre("store waits for its database: locked by somebody",
                                            "store: the database takes rows again"));
    write_an_item();
    EXPECT_EQ(run.warnings().size(), 2U);
}

TEST_F(batch_writer_test, writes_letters_at_once) {
    // Whoever takes them may be slow, and a transaction would be open meanwhile.
    to->answer = [](told_connection&) { return write_result{write_end::committed, {}, {{0, "bad row"}}}; };
    write_an_item();
    EXPECT_EQ(run.count(outcome::dead), 1U);
}

TEST_F(batch_writer_test, P4_items_of_a_lost_commit_are_in_doubt_with_a_letter_each_and_refused_ones_dead) {
    to->answer = [](told_connection&) {
        return write_result{write_end::in_doubt, "database_in_doubt: gone", {{1, "bad row"}}};
    };
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
