// Text files and pipes as sources.
#include "penstock/sources/lines.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "penstock/compose.hpp"
#include "penstock/errors.hpp"
#include "tests/account.hpp"
#include "tests/patience.hpp"
#include "tests/temporary_folder.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;
using ps::testing::expect_settled;
using ps::testing::settled_run;

namespace {

class lines : public ::testing::Test {
protected:
    std::filesystem::path file(std::string_view text) {
        std::ofstream(folder_ / "lines.txt", std::ios::binary) << text;
        return folder_ / "lines.txt";
    }
    std::vector<std::string> read(const std::filesystem::path& from) {
        std::vector<std::string> all;
        auto job = ps::lines(from) | ps::in_order("collect", [&](std::string line) { all.push_back(std::move(line)); });
        expect_settled(job.run({.queue_size = 3}));
        return all;
    }

    ps::testing::temporary_folder folder_;
};

using texts = std::vector<std::string>;

TEST_F(lines, of_a_file_come_in_order_without_their_ends) {
    EXPECT_EQ(read(file("one\ntwo\r\n\n  \nlast")), (texts{"one", "two", "  ", "last"}));
    EXPECT_EQ(read(file("only\n")), texts{"only"});
}

TEST_F(lines, of_an_empty_file_are_none) {
    EXPECT_EQ(read(file("")), texts{});
    EXPECT_EQ(read(file("\n\r\n\n")), texts{});
}

TEST_F(lines, longer_than_the_read_buffer_come_whole) {
    const std::string big(300'000, 'x');
    EXPECT_EQ(read(file("a\n" + big + "\nb\n")), (texts{"a", big, "b"}));
}

TEST_F(lines, above_a_mebibyte_fail_the_run) {
    auto job = ps::lines(file(std::string((1U << 20) + 1, 'x'))) | ps::serial("none", [](const std::string&) {});
    EXPECT_EQ(settled_run(job).reason, ps::end_reason::failed);
}

TEST_F(lines, of_exactly_a_mebibyte_come_whatever_their_ends) {
    const std::string longest(1U << 20, 'x');
    EXPECT_EQ(read(file(longest + '\n')), texts{longest});
    EXPECT_EQ(read(file(longest + "\r\nb")), (texts{longest, "b"}));
    EXPECT_EQ(read(file("\xef\xbb\xbf" + longest + "\r\n")), texts{longest});
    for (const std::string& above : {longest + "x\n", longest + "x\r\n", longest + "\rx\n", longest + "\r\r\n"}) {
        auto job = ps::lines(file(above)) | ps::serial("none", [](const std::string&) {});
        EXPECT_EQ(settled_run(job).reason, ps::end_reason::failed);
    }
}

TEST_F(lines, of_a_file_with_a_byte_order_mark_begin_behind_it) {
    const std::string mark = "\xef\xbb\xbf";
    EXPECT_EQ(read(file(mark + "one\ntwo\n")), (texts{"one", "two"}));
    EXPECT_EQ(read(file(mark)), texts{});
    EXPECT_EQ(read(file(mark + "\r\n" + mark + "two")), texts{mark + "two"}) << "only at the beginning";
    EXPECT_EQ(read(file("\xef\xbb\n" + mark + "two")), (texts{"\xef\xbb", mark + "two"}));
    EXPECT_EQ(read(file("\xef\xbb")), texts{"\xef\xbb"});
}

TEST_F(lines, of_a_pipe_begin_behind_a_byte_order_mark_that_comes_in_parts) {
    const auto pipe = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    std::jthread writer([&] {
        const int out = ::open(pipe.c_str(), O_WRONLY | O_CLOEXEC);
        for (const char byte : std::string_view("\xef\xbb\xbfone\n")) {
            EXPECT_EQ(::write(out, &byte, 1), 1);
            std::this_thread::sleep_for(1ms);  // So that mostly each is a read of its own.
        }
        ::close(out);
    });
    EXPECT_EQ(read(pipe), texts{"one"});
}

TEST_F(lines, of_a_folder_stop_the_run_before_it_begins) {
    auto job = ps::lines(folder_ / ".") | ps::serial("none", [](const std::string&) {});
    EXPECT_THROW(job.run(), ps::preflight_failed);
}

TEST_F(lines, of_a_missing_file_stop_the_run_before_it_begins) {
    auto job = ps::lines(folder_ / "none.txt") | ps::serial("none", [](const std::string&) {});
    try {
        job.run();
        FAIL() << "preflight_failed was expected";
    } catch (const ps::preflight_failed& failed) {
        EXPECT_NE(std::string(failed.what()).find("none.txt"), std::string::npos) << failed.what();
    }
    EXPECT_THROW(ps::lines(""), ps::bad_option);
}

TEST_F(lines, begin_anew_in_each_run) {
    int seen = 0;
    auto job = ps::lines(file("a\nb\n")) | ps::serial("count", [&](const std::string&) { ++seen; });
    expect_settled(job.run());
    expect_settled(job.run());
    EXPECT_EQ(seen, 4);
}

/// No standard input, for as long as it lives.
class no_input {
public:
    no_input() : kept_(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)) { ::close(STDIN_FILENO); }
    ~no_input() {
        if (kept_ < 0) return;
        ::dup2(kept_, STDIN_FILENO);
        ::close(kept_);
    }
    no_input(const no_input&) = delete;
    no_input& operator=(const no_input&) = delete;

private:
    const int kept_;
};

bool is_open(int number) { return ::fcntl(number, F_GETFD) != -1; }

TEST_F(lines, of_a_file_let_its_descriptor_go_where_there_is_no_standard_input) {
    const auto from = file("a\nb\n");
    const no_input closed;
    ASSERT_FALSE(is_open(STDIN_FILENO));
    EXPECT_EQ(read(from), (texts{"a", "b"}));
    EXPECT_FALSE(is_open(STDIN_FILENO));
}

TEST_F(lines, of_the_standard_input_leave_it_open) {
    const auto from = file("a\nb\n");
    const no_input closed;
    ASSERT_EQ(::open(from.c_str(), O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    EXPECT_EQ(read("-"), (texts{"a", "b"}));
    EXPECT_TRUE(is_open(STDIN_FILENO));
    ::close(STDIN_FILENO);
}

TEST_F(lines, O3_of_a_pipe_that_nobody_writes_to_wake_up_for_a_stop) {
    const auto pipe = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    for (const bool at_once : {false, true}) {
        std::stop_source cut;
        ps::metrics figures;
        auto job = ps::lines(pipe) | ps::serial("none", [](const std::string&) {});
        std::chrono::steady_clock::time_point asked;
        std::jthread stopper([&] {
            while (figures.snapshot().elapsed == 0ns) std::this_thread::yield();
            std::this_thread::sleep_for(50ms);  // By now the source waits, or it will find the token used.
            asked = std::chrono::steady_clock::now();
            cut.request_stop();
        });
        const ps::report done = settled_run(job, {.stop = at_once ? std::stop_token() : cut.get_token(),
                                                  .abandon = at_once ? cut.get_token() : std::stop_token(),
                                                  .metrics = &figures});
        stopper.join();
        EXPECT_EQ(done.reason, ps::end_reason::stopped);
        EXPECT_LT(std::chrono::steady_clock::now() - asked, ps::testing::promptly);
    }
}

TEST_F(lines, of_a_pipe_come_although_its_writer_is_late) {
    const auto pipe = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    ps::metrics figures;
    std::vector<std::string> all;
    auto job = ps::lines(pipe) | ps::in_order("collect", [&](std::string line) { all.push_back(std::move(line)); });
    std::jthread writer([&] {
        while (figures.snapshot().elapsed == 0ns) std::this_thread::yield();
        std::ofstream(pipe) << "one\ntwo\n";
    });
    EXPECT_TRUE(settled_run(job, {.metrics = &figures}).clean());
    EXPECT_EQ(all, (texts{"one", "two"}));
}

TEST_F(lines, O3_of_a_silent_pipe_wake_up_for_a_stop) {
    const auto pipe = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    std::stop_source stop;
    std::atomic<bool> seen{false};
    std::atomic<bool> ended{false};
    std::chrono::steady_clock::time_point asked;
    std::jthread writer([&] {
        const auto give_up = std::chrono::steady_clock::now() + 20s;
        std::ofstream out(pipe);
        out << "first\n" << std::flush;
        while (!seen && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
        std::this_thread::sleep_for(50ms);  // By now the source waits, or it will find the token used.
        asked = std::chrono::steady_clock::now();
        stop.request_stop();
        // It stays: its end would wake the source as well.
        while (!ended && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
    });
    auto job = ps::lines(pipe) | ps::serial("see", [&](const std::string&) { seen = true; });
    const ps::report done = job.run({.stop = stop.get_token()});
    const auto end = std::chrono::steady_clock::now();
    ended = true;
    writer.join();
    expect_settled(done);
    EXPECT_EQ(done.reason, ps::end_reason::stopped);
    EXPECT_EQ(done.count(ps::outcome::committed), 1U);
    EXPECT_LT(end - asked, ps::testing::promptly);
}

}  // namespace
