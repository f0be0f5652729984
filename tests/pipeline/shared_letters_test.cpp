// One dead-letter sink for several runs at once.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "penstock/compose.hpp"
#include "penstock/dead_letter.hpp"
#include "penstock/sources/from.hpp"
#include "penstock/testing/run_inline.hpp"
#include "tally.hpp"
#include "tests/account.hpp"
#include "tests/temporary_folder.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;
using ps::testing::expect_settled;
using ps::testing::settled_run;
using ps::testing::tally;

namespace {

auto failing(std::vector<std::string> texts) {
    return ps::from(std::move(texts))
           | ps::parallel("fail", [](const std::string&) -> int { throw std::runtime_error("bad"); })
           | ps::serial("none", [](int) {});
}

std::ptrdiff_t lines_in(const std::filesystem::path& file) {
    std::ifstream in(file);
    return std::count(std::istreambuf_iterator<char>(in), {}, '\n');
}

/// How often this process has the file open.
std::ptrdiff_t times_open(const std::filesystem::path& file) {
    std::ptrdiff_t times = 0;
    for (const auto& open : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;  // The one that lists them.
        times += std::filesystem::read_symlink(open.path(), gone) == file;
    }
    return times;
}

TEST(shared_letters, of_a_run_within_another_leave_the_file_open_for_the_outer_one) {
    ps::testing::temporary_folder folder;
    const auto file = std::filesystem::canonical(folder / ".") / "rejects.ndjson";
    const ps::dead_letter_sink letters = ps::ndjson(file);
    auto job = ps::from({1, 2}) | ps::serial("nest", [&](int) {
                   expect_settled(failing({"a"}).run({.dead_letters = letters}));
                   EXPECT_EQ(times_open(file), 1);
                   throw std::runtime_error("bad");
               });
    const ps::report done = settled_run(job, {.dead_letters = letters});
    EXPECT_EQ(done.reason, ps::end_reason::completed) << done;
    EXPECT_EQ(done.count(ps::outcome::dead), 2U);
    EXPECT_EQ(lines_in(file), 4);
    EXPECT_EQ(times_open(file), 0);
}

TEST(shared_letters, of_runs_at_the_same_time_are_all_in_the_file) {
    ps::testing::temporary_folder folder;
    const auto file = folder / "rejects.ndjson";
    const ps::dead_letter_sink letters = ps::ndjson(file);
    std::vector<std::jthread> runs;
    for (int i = 0; i < 4; ++i) {
        runs.emplace_back([&] {
            for (int again = 0; again < 10; ++again) {
                // Inline: ThreadSanitizer does not see how TBB uses memory again for the arenas of other threads.
                auto job = failing({"a", "b", "c"});
                const ps::report done = ps::testing::run_inline(job, {.dead_letters = letters});
                expect_settled(done);
                EXPECT_EQ(done.reason, ps::end_reason::completed) << done;
            }
        });
    }
    runs.clear();
    EXPECT_EQ(lines_in(file), 120);
}

TEST(shared_letters, come_to_a_callable_one_at_a_time_from_two_runs) {
    tally inside;
    std::atomic<int> now{0};
    std::atomic<bool> met{false};
    const ps::dead_letter_sink letters = [&](const ps::dead_letter&) {
        ++now;
        inside.add();
        // As long as it takes for the other run's letter to come as well, if it may.
        for (const auto end = std::chrono::steady_clock::now() + 300ms; std::chrono::steady_clock::now() < end;) {
            if (now > 1) met = true;
            std::this_thread::yield();
        }
        --now;
    };
    std::jthread other([&] { settled_run(failing({"a"}), {.dead_letters = letters}); });
    EXPECT_TRUE(inside.reached(1));
    settled_run(failing({"b"}), {.dead_letters = letters});
    other.join();
    EXPECT_EQ(inside.count(), 2);
    EXPECT_FALSE(met);
}

TEST(shared_letters, of_a_run_within_the_callable_come_to_the_same_callable) {
    for (const bool with_threads : {true, false}) {
        std::vector<std::string> came;
        ps::dead_letter_sink letters;
        letters = [&](const ps::dead_letter& letter) {
            came.push_back(letter.origin);
            if (letter.origin.size() == 3) return;
            auto inner = failing({letter.origin + "x"});
            const ps::run_options options{.dead_letters = letters};
            expect_settled(with_threads ? inner.run(options) : ps::testing::run_inline(inner, options));
            // The turn is ours again, so this is no race.
            came.push_back("end of " + letter.origin);
        };
        auto outer = failing({"a"});
        expect_settled(outer.run({.dead_letters = letters}));
        EXPECT_EQ(came, (std::vector<std::string>{"a", "ax", "axx", "end of ax", "end of a"}));
    }
}

}  // namespace
