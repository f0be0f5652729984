#include "body_budget.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <list>
#include <random>

namespace penstock::fetch_stage {
namespace {

TEST(body_budget, small_bodies_are_never_held_up) {
    body_budget budget(1 << 20);
    std::deque<body_share> shares(1000);
    for (int round = 0; round < 20; ++round) {
        for (body_share& one : shares) {
            ASSERT_TRUE(budget.may_begin());
            budget.begin(one);
            budget.expect(one, 100);
            ASSERT_TRUE(budget.take(one, 100));
            budget.finish(one);
            budget.set_released(budget.finished());
        }
    }
    EXPECT_EQ(budget.held(), 0U);
    EXPECT_EQ(budget.peak(), 100U);
    EXPECT_FALSE(budget.anyone_held_up());
}

TEST(body_budget, no_more_begin_than_there_is_room_for_by_their_usual_size) {
    body_budget budget(1 << 20);
    std::deque<body_share> shares;
    const auto begin_all = [&] {
        std::size_t begun = 0;
        for (; budget.may_begin(); ++begun) budget.begin(shares.emplace_back());
        return begun;
    };
    EXPECT_EQ(begin_all(), 16U);  // By the guess.
    for (int i = 0; i < 200; ++i) {
        body_share& one = shares.front();
        ASSERT_TRUE(budget.take(one, 1000));
        budget.finish(one);
        budget.set_released(budget.finished());
        shares.pop_front();
        begin_all();
    }
    EXPECT_GT(shares.size(), 500U);
    EXPECT_LE(shares.size(), 1050U);
}

TEST(body_budget, one_larger_than_the_bound_goes_alone) {
    body_budget budget(100);
    body_share one, other;
    ASSERT_TRUE(budget.may_begin());
    budget.begin(one);
    EXPECT_FALSE(budget.may_begin());
    EXPECT_TRUE(budget.take(one, 1000));
    EXPECT_TRUE(budget.take(one, 1000));
    budget.finish(one);
    EXPECT_FALSE(budget.may_begin()) << "its page is still there";
    EXPECT_EQ(budget.wanted(true), 2000U);
    budget.set_released(2000);
    ASSERT_TRUE(budget.may_begin());
    budget.begin(other);
    EXPECT_TRUE(budget.take(other, 500));
    EXPECT_EQ(budget.peak(), 2000U);
}

TEST(body_budget, of_half_done_ones_the_oldest_goes_on_and_then_the_next) {
    body_budget budget(300);
    std::deque<body_share> shares(3);
    for (body_share& one : shares) budget.begin(one);
    for (body_share& one : shares) ASSERT_TRUE(budget.take(one, 100));
    EXPECT_FALSE(budget.take(shares[2], 50));
    EXPECT_FALSE(budget.take(shares[1], 50));
    EXPECT_EQ(budget.next_to_go_on(), nullptr) << "the oldest is at work";
    EXPECT_TRUE(budget.take(shares[0], 50));
    budget.finish(shares[0]);
    EXPECT_EQ(budget.next_to_go_on(), nullptr) << "its page is above the bound";
    EXPECT_NE(budget.wanted(false), UINT64_MAX);
    budget.set_released(150);
    EXPECT_EQ(budget.next_to_go_on(), &shares[1]);
    EXPECT_EQ(budget.next_to_go_on(), nullptr) << "one at a time";
    EXPECT_TRUE(budget.take(shares[1], 1000));
    budget.drop(shares[1]);
    EXPECT_EQ(budget.held(), 100U);
    EXPECT_EQ(budget.next_to_go_on(), &shares[2]);
    EXPECT_FALSE(budget.anyone_held_up());
}

TEST(body_budget, whoever_is_dropped_leaves_nothing_behind) {
    body_budget budget(100);
    body_share one, other;
    budget.begin(one);
    budget.begin(other);
    ASSERT_TRUE(budget.take(one, 90));
    ASSERT_FALSE(budget.take(other, 20));
    budget.drop(other);
    budget.drop(other);
    budget.drop(one);
    EXPECT_EQ(budget.held(), 0U);
    EXPECT_FALSE(budget.anyone_held_up());
    EXPECT_TRUE(budget.may_begin());
}

/// Transfers, pages and their readers in any order, by dice.
class any_course {
public:
    explicit any_course(unsigned seed) : dice_(seed), most_(pick(1, 3000)), budget_(most_), left_(pick(1, 80)) {}

    void run() {
        for (int step = 0; left_ > 0 || !sent_.empty() || !pages_.empty(); ++step) {
            ASSERT_LT(step, 100'000) << "no end";
            ASSERT_NO_FATAL_FAILURE(one_step());
            const bool all_wait = std::all_of(sent_.begin(), sent_.end(), [](auto& one) { return one.refused != 0; });
            if (all_wait && pages_.empty() && !sent_.empty()) {
                ASSERT_TRUE(go_on()) << "all wait for each other";
            }
            if (sent_.empty() && pages_.empty()) {
                ASSERT_TRUE(budget_.may_begin());
            }
            const bool one_waits = left_ > 0 && !budget_.may_begin();
            if ((all_wait && !sent_.empty()) || (sent_.empty() && one_waits)) {
                ASSERT_TRUE(pages_.empty() || budget_.wanted(one_waits) <= budget_.finished()) << "it would sleep on";
            }
            ASSERT_LE(budget_.held(), most_ + largest);
        }
        EXPECT_EQ(budget_.held(), 0U);
        EXPECT_FALSE(budget_.anyone_held_up());
    }

private:
    static constexpr std::size_t largest = 1000;
    struct sent : body_share {
        std::size_t length = 0;
    };

    std::size_t pick(std::size_t from, std::size_t to) {
        return std::uniform_int_distribution<std::size_t>(from, to)(dice_);
    }
    bool go_on() {
        bool any = false;
        while (auto* const next = static_cast<sent*>(budget_.next_to_go_on())) {
            any = true;
            receive(*next);
        }
        return any;
    }
    void receive(sent& one) {
        if (one.refused == 0 && one.received < one.length) {
            (void)budget_.take(one, pick(1, std::min<std::size_t>(one.length - one.received, 100)));
        }
    }
    void end(std::list<sent>::iterator at) {
        if (at->received == at->length && at->refused == 0) {
            pages_.push_back(at->length);
            budget_.finish(*at);
        } else if (pick(1, 30) == 1) {
            budget_.drop(*at);
        } else {
            return;
        }
        sent_.erase(at);
    }
    void one_step() {
        const auto any = [&] {
            return std::next(sent_.begin(), static_cast<std::ptrdiff_t>(pick(0, sent_.size() - 1)));
        };
        switch (pick(0, 4)) {
            case 0:
                if (left_ == 0 || !budget_.may_begin()) return;
                --left_;
                budget_.begin(sent_.emplace_back());
                sent_.back().length = pick(0, largest);
                if (pick(0, 1) == 0) budget_.expect(sent_.back(), sent_.back().length);
                return;
            case 1:
                if (!sent_.empty()) receive(*any());
                return;
            case 2:
                if (!sent_.empty()) end(any());
                return;
            case 3:
                if (pages_.empty() || pick(0, 3) != 0) return;
                released_ += pages_.front();
                pages_.pop_front();
                budget_.set_released(released_);
                return;
            case 4: (void)go_on(); return;
        }
    }

    std::mt19937 dice_;
    std::size_t most_;
    body_budget budget_;
    std::size_t left_;
    std::list<sent> sent_;
    std::deque<std::size_t> pages_;
    std::uint64_t released_ = 0;
};

TEST(body_budget, in_any_course_the_bound_holds_and_all_come_to_an_end) {
    for (unsigned seed = 1; seed <= 1000; ++seed) {
        any_course course(seed);
        course.run();
        if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
    }
}

}  // namespace
}  // namespace penstock::fetch_stage
