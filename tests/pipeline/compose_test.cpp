// How pieces are joined, named and refused.
#include "penstock/compose.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <list>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "penstock/errors.hpp"
#include "penstock/sources/from.hpp"
#include "tests/account.hpp"

namespace ps = penstock;
using ps::testing::settled_run;

namespace {

template <class Action>
std::string refusal(Action&& action) {
    try {
        action();
    } catch (const ps::bad_option& error) {
        return error.what();
    }
    return "";
}

auto trivial() {
    return ps::from({1, 2, 3}) | ps::serial("forget", [](int) {});
}

TEST(compose, the_same_stages_stand_in_several_chains) {
    const auto twice =
        ps::parallel("plus", [](int n) { return n + 1; }) | ps::parallel("times", [](int n) { return n * 2; });
    int first = 0;
    int second = 0;
    auto one = ps::from({1, 2}) | twice | ps::serial("sum", [&](int n) { first += n; });
    auto two = ps::from({10}) | twice | ps::serial("sum", [&](int n) { second += n; });
    settled_run(one);
    settled_run(two);
    EXPECT_EQ(first, 10);
    EXPECT_EQ(second, 22);
}

TEST(compose, a_stage_and_a_closing_stage_make_a_sink) {
    int sum = 0;
    auto end = ps::parallel("plus", [](int n) { return n + 1; }) | ps::serial("sum", [&](int n) { sum += n; });
    auto job = ps::from({1, 2, 3}) | std::move(end);
    static_assert(std::is_same_v<decltype(job), ps::pipeline>);
    settled_run(job);
    EXPECT_EQ(sum, 9);
}

TEST(compose, from_takes_any_range_and_borrows_by_ref) {
    std::list<int> numbers{1, 2, 3};
    int sum = 0;
    auto owning = ps::from(numbers) | ps::serial("sum", [&](int n) { sum += n; });
    auto borrowing = ps::from(std::ref(numbers)) | ps::serial("sum", [&](int n) { sum += n; });
    numbers.push_back(10);
    settled_run(owning);
    EXPECT_EQ(sum, 6);
    settled_run(borrowing);
    EXPECT_EQ(sum, 22);
    settled_run(owning);
    EXPECT_EQ(sum, 28) << "a range begins anew in each run";
}

TEST(compose, a_pipeline_prints_its_chain) {
    std::ostringstream out;
    out << trivial();
    EXPECT_EQ(out.str(), "from | serial forget");
    std::ostringstream longer;
    longer << (ps::from({1}) | ps::parallel("a", [](int n) { return n; }) | ps::in_order("b", [](int) {}));
    EXPECT_EQ(longer.str(), "from | parallel a | in_order b");
}

TEST(compose, options_that_cannot_work_are_refused_by_name) {
    auto job = trivial();
    EXPECT_NE(refusal([&] { job.run({.queue_size = 0}); }).find("run_options::queue_size is 0"), std::string::npos);
    EXPECT_NE(refusal([&] { job.run({.max_bytes_in_flight = 0}); }).find("run_options::max_bytes_in_flight is 0"),
              std::string::npos);
    EXPECT_NE(refusal([&] { job.run({.max_workers = 0}); }).find("max_workers"), std::string::npos);
    EXPECT_NE(refusal([&] { job.run({.queue_size = 20'000'000}); }).find("queue_size"), std::string::npos);
    EXPECT_NE(refusal([&] { job.run({.item_timeout = std::chrono::milliseconds(0)}); }).find("item_timeout"),
              std::string::npos);
    EXPECT_NE(refusal([&] { job.run({.drain_timeout = std::chrono::milliseconds(-1)}); }).find("drain_timeout"),
              std::string::npos);
    EXPECT_NE(refusal([] { ps::parallel("", [](int n) { return n; }); }).find("name is empty"), std::string::npos);
    EXPECT_TRUE(settled_run(job).clean()) << "a refused run leaves the pipeline as it was";
}

TEST(compose, times_that_no_clock_can_hold_are_refused) {
    using std::chrono::milliseconds;
    const std::pair<const char*, milliseconds ps::run_options::*> times[] = {
        {"item_timeout", &ps::run_options::item_timeout},
        {"drain_timeout", &ps::run_options::drain_timeout},
        {"progress_every", &ps::run_options::progress_every}};
    constexpr milliseconds longest = std::chrono::hours(24 * 365);
    auto job = trivial();
    for (const auto& [name, time] : times) {
        for (const milliseconds too_long : {longest + milliseconds(1), milliseconds::max()}) {
            ps::run_options options;
            options.*time = too_long;
            const std::string said = refusal([&] { job.run(options); });
            EXPECT_NE(said.find(name), std::string::npos) << said;
            EXPECT_NE(said.find("365 days"), std::string::npos) << said;
        }
        ps::run_options options;
        options.*time = longest;
        options.progress = [](const ps::metrics_snapshot&) { ADD_FAILURE() << "a year has not gone by"; };
        EXPECT_TRUE(settled_run(job, options).clean());
    }
}

TEST(compose, G3_a_run_from_its_own_callback_is_refused) {
    std::string said;
    ps::pipeline* self = nullptr;
    auto job = ps::from({1}) | ps::serial("again", [&](int) { said = refusal([&] { self->run(); }); });
    self = &job;
    EXPECT_TRUE(settled_run(job).clean());
    EXPECT_NE(said.find("running already"), std::string::npos);
}

}  // namespace
