// What may become of an item on its way through the stages.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <new>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "penstock/compose.hpp"
#include "penstock/each.hpp"
#include "penstock/sources/from.hpp"
#include "penstock/sources/generate.hpp"
#include "tests/account.hpp"

namespace ps = penstock;
using ps::testing::expect_settled;

namespace {

using namespace std::chrono_literals;

std::vector<int> numbers(int count) {
    std::vector<int> all;
    for (int i = 0; i < count; ++i) all.push_back(i);
    return all;
}

/// As long as a page takes to be read.
void take_a_while() {
    const auto until = std::chrono::steady_clock::now() + 30us;
    while (std::chrono::steady_clock::now() < until) {
    }
}

TEST(items, do_not_wait_in_a_stage_until_their_whole_group_has_been_there) {
    std::atomic<int> given = 0;
    std::vector<int> seen;
    const auto note = [&](int n) {
        for (; given != 200; std::this_thread::sleep_for(1ms)) {
        }
        take_a_while();
        seen.push_back(n);
        return n;
    };
    auto job =
        ps::generate([&]() -> std::optional<int> { return given == 200 ? std::nullopt : std::optional(given++); })
        | ps::parallel("first", note) | ps::parallel("second", note) | ps::serial("end", [](int) {});
    expect_settled(job.run({.max_workers = 1}));
    ASSERT_EQ(seen.size(), 400U);
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], static_cast<int>(i / 2)) << i;
}

TEST(items, all_reach_the_sink_once) {
    std::set<int> seen;
    auto job = ps::from(numbers(10'000)) | ps::parallel("double", [](int n) { return 2 * n; })
               | ps::serial("collect", [&](int n) { EXPECT_TRUE(seen.insert(n).second); });
    const ps::report done = job.run();
    expect_settled(done);
    EXPECT_TRUE(done.clean());
    EXPECT_EQ(done.count(ps::outcome::committed), 10'000U);
    EXPECT_EQ(seen.size(), 10'000U);
    EXPECT_EQ(*seen.rbegin(), 19'998);
}

TEST(items, come_from_an_array_and_from_a_borrowed_one) {
    int digits[]{1, 2, 3};
    const std::string words[]{"a", "b"};
    std::vector<int> seen;
    std::string text;
    auto copied = ps::from(digits) | ps::serial("collect", [&](int n) { seen.push_back(n); });
    auto borrowed = ps::from(std::ref(digits)) | ps::serial("collect", [&](int n) { seen.push_back(n); });
    auto constant = ps::from(words) | ps::serial("collect", [&](const std::string& word) { text += word; });
    digits[0] = 7;
    expect_settled(copied.run());
    expect_settled(borrowed.run());
    expect_settled(constant.run());
    EXPECT_EQ(seen, (std::vector<int>{1, 2, 3, 7, 2, 3}));
    EXPECT_EQ(text, "ab");
}

TEST(items, keep_the_sources_order_in_in_order) {
    for (const unsigned workers : {1U, 2U, 8U}) {
        for (const std::size_t queue : {1U, 2U, 64U, 1000U}) {
            std::vector<int> seen;
            auto job = ps::from(numbers(2'000)) | ps::parallel("same", [](int n) { return n; })
                       | ps::in_order("collect", [&](int n) { seen.push_back(n); });
            expect_settled(job.run({.max_workers = workers, .queue_size = queue}));
            EXPECT_EQ(seen, numbers(2'000)) << workers << " workers, queue " << queue;
        }
    }
}

TEST(items, are_dropped_by_an_empty_optional_or_by_dropped) {
    std::vector<int> seen;
    auto job = ps::from(numbers(100))
               | ps::parallel("even", [](int n) { return n % 2 == 0 ? std::optional(n) : std::nullopt; })
               | ps::serial("small",
                            [](int n) -> ps::result<int> {
                                if (n >= 50) return ps::dropped;
                                return n;
                            })
               | ps::in_order("collect", [&](int n) { seen.push_back(n); });
    const ps::report done = job.run();
    expect_settled(done);
    EXPECT_TRUE(done.clean());
    EXPECT_EQ(done.count(ps::outcome::dropped), 75U);
    EXPECT_EQ(done.count(ps::outcome::committed), 25U);
    EXPECT_EQ(seen.size(), 25U);
}

TEST(items, O9_that_throw_anything_become_dead_letters_and_stop_nobody) {
    std::map<std::string, ps::dead_letter> letters;
    auto job = ps::from({0, 1, 2, 3, 4, 5, 6})
               | ps::parallel("fussy",
                              [](int n) -> ps::result<int> {
                                  if (n == 1) throw std::runtime_error("one is refused");
                                  if (n == 2) throw 42;
                                  if (n == 3) throw std::bad_alloc();
                                  if (n == 4) return ps::failure{ps::error_kind::parse, "four is odd"};
                                  return n;
                              })
               | ps::serial("last", [](int n) {
                     if (n == 5) throw "five";
                 });
    const ps::report done =
        job.run({.dead_letters = [&](const ps::dead_letter& letter) { letters[letter.origin] = letter; }});
    expect_settled(done);
    EXPECT_FALSE(done.clean());
    EXPECT_EQ(done.count(ps::outcome::committed), 2U);
    EXPECT_EQ(done.count(ps::outcome::dead), 5U);
    ASSERT_EQ(letters.size(), 5U);
    EXPECT_EQ(letters["1"].reason, "one is refused");
    EXPECT_EQ(letters["1"].stage, "fussy");
    EXPECT_EQ(letters["1"].item, 1U);
    EXPECT_EQ(letters["1"].kind, ps::error_kind::stage);
    EXPECT_EQ(letters["2"].kind, ps::error_kind::stage);
    EXPECT_EQ(letters["3"].kind, ps::error_kind::local_resource);
    EXPECT_EQ(letters["4"].kind, ps::error_kind::parse);
    EXPECT_EQ(letters["4"].reason, "four is odd");
    EXPECT_EQ(letters["5"].stage, "last");
    EXPECT_NE(done.first_dead, "");
}

TEST(items, may_be_values_that_can_only_be_moved) {
    int next = 0;
    int sum = 0;
    auto job = ps::generate([&]() -> std::optional<std::unique_ptr<int>> {
                   if (next == 100) return std::nullopt;
                   return std::make_unique<int>(next++);
               })
               | ps::parallel("unwrap", [](std::unique_ptr<int> n) { return std::make_unique<int>(*n + 1); })
               | ps::serial("sum", [&](const std::unique_ptr<int>& n) { sum += *n; });
    expect_settled(job.run());
    EXPECT_EQ(sum, 5050);
}

TEST(items, of_rows_are_worked_on_row_by_row_with_each) {
    std::vector<std::vector<std::string>> seen;
    auto clean = ps::parallel("positive", ps::each([](int n) { return n > 0 ? std::optional(n) : std::nullopt; }))
                 | ps::serial("name", ps::each([calls = 0](int n) mutable -> ps::result<std::string> {
                                  ++calls;
                                  if (n == 13) return ps::failure{ps::error_kind::stage, "thirteen"};
                                  return std::to_string(n);
                              }));
    auto job = ps::from(std::vector<std::vector<int>>{{1, -1, 2}, {}, {12, 13, 14}, {-5}}) | clean
               | ps::in_order("collect", [&](std::vector<std::string> rows) { seen.push_back(std::move(rows)); });
    const ps::report done = job.run();
    expect_settled(done);
    EXPECT_EQ(done.count(ps::outcome::dead), 1U);
    EXPECT_EQ(seen, (std::vector<std::vector<std::string>>{{"1", "2"}, {}, {}}));
}

TEST(items, are_counted_by_stage) {
    auto job = ps::from(numbers(10))
               | ps::parallel("third", [](int n) { return n % 3 ? std::optional(n) : std::nullopt; })
               | ps::serial("print", [](int n) {
                     if (n == 1) throw std::runtime_error("no");
                 });
    const ps::report done = job.run();
    ASSERT_EQ(done.figures.stages.size(), 2U);
    EXPECT_EQ(done.figures.stages[0].name, "third");
    EXPECT_EQ(done.figures.stages[0].taken, 10U);
    EXPECT_EQ(done.figures.stages[0].passed, 6U);
    EXPECT_EQ(done.figures.stages[0].dropped, 4U);
    EXPECT_EQ(done.figures.stages[1].taken, 6U);
    EXPECT_EQ(done.figures.stages[1].dead, 1U);
    EXPECT_EQ(done.figures.errors[static_cast<std::size_t>(ps::error_kind::stage)], 1U);
}

TEST(items, are_counted_by_stage_whatever_its_name) {
    const auto refuse = [](int bad) {
        return [bad](int n) {
            if (n == bad) throw std::runtime_error("no");
            return n;
        };
    };
    auto job = ps::from(numbers(10)) | ps::parallel("clean", refuse(1)) | ps::parallel("clean", refuse(2))
               | ps::serial("show", refuse(3)) | ps::serial("show", [](int n) {
                     if (n > 7) throw std::runtime_error("no");
                 });
    std::ostringstream shown;
    shown << job;
    EXPECT_EQ(shown.str(), "from | parallel clean | parallel clean | serial show | serial show");
    const ps::report done = job.run();
    expect_settled(done);
    ASSERT_EQ(done.figures.stages.size(), 4U);
    const auto expect_row = [&](std::size_t row, const char* name, std::uint64_t taken, std::uint64_t dead) {
        EXPECT_EQ(done.figures.stages[row].name, name);
        EXPECT_EQ(done.figures.stages[row].taken, taken) << row;
        EXPECT_EQ(done.figures.stages[row].dead, dead) << row;
    };
    expect_row(0, "clean", 10, 1);
    expect_row(1, "clean", 9, 1);
    expect_row(2, "show", 8, 1);
    expect_row(3, "show", 7, 2);
}

}  // namespace
