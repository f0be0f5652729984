// Where the items go that did not make it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "penstock/compose.hpp"
#include "penstock/detail/letters.hpp"
#include "penstock/errors.hpp"
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

class dead_letters : public ::testing::Test {
protected:
    ps::testing::temporary_folder folder_;
};

auto failing(std::vector<std::string> texts) {
    return ps::from(std::move(texts))
           | ps::parallel("fail",
                          [](const std::string& text) -> int { throw std::runtime_error("no \"" + text + "\"\n"); })
           | ps::serial("none", [](int) {});
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
}

TEST_F(dead_letters, go_to_a_file_one_json_object_a_line) {
    const auto file = folder_ / "rejects.ndjson";
    const ps::report done = failing({"a", "b"}).run({.dead_letters = ps::ndjson(file)});
    expect_settled(done);
    EXPECT_EQ(done.count(ps::outcome::dead), 2U);
    auto lines = lines_of(file);
    std::sort(lines.begin(), lines.end());
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(
        lines[0],
        R"({"item":0,"origin":"a","stage":"fail","outcome":"dead","kind":"stage","reason":"no \"a\"\u000a","attempts":1})");
}

TEST_F(dead_letters, are_appended_and_only_the_owner_may_read_them) {
    const auto file = folder_ / "rejects.ndjson";
    settled_run(failing({"a"}), {.dead_letters = ps::ndjson(file)});
    settled_run(failing({"b"}), {.dead_letters = ps::ndjson(file)});
    EXPECT_EQ(lines_of(file).size(), 2U);
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(dead_letters, file_that_cannot_be_opened_stops_the_run_before_it_takes_anything) {
    auto job = failing({"a"});
    EXPECT_THROW(job.run({.dead_letters = ps::ndjson(folder_ / "no" / "such" / "folder")}), ps::preflight_failed);
    EXPECT_THROW(ps::ndjson(""), ps::bad_option);
}

TEST_F(dead_letters, O10_a_sink_that_fails_ends_the_run_and_loses_no_account) {
    auto job = failing(std::vector<std::string>(500, "x"));
    try {
        job.run(
            {.queue_size = 5, .dead_letters = [](const ps::dead_letter&) { throw std::runtime_error("disk full"); }});
        FAIL() << "run_failed was expected";
    } catch (const ps::run_failed& failed) {
        expect_settled(failed.report());
        EXPECT_NE(std::string(failed.what()).find("disk full"), std::string::npos);
        EXPECT_LT(failed.report().taken(), 500U);
    }
}

TEST_F(dead_letters, O10_a_full_disk_ends_the_run_and_what_is_good_in_flight_is_settled) {
    std::atomic<int> stored{0};
    auto job = ps::from(std::vector<int>(1000, 0))
               | ps::serial("fail",
                            [n = 0](int) mutable {
                                if (++n % 5 == 0) throw std::runtime_error("bad");
                                return n;
                            })
               | ps::parallel("keep", [&](int) { ++stored; });
    const ps::report done = settled_run(job, {.queue_size = 20, .dead_letters = ps::ndjson("/dev/full")});
    EXPECT_EQ(done.reason, ps::end_reason::failed);
    EXPECT_NE(done.detail.find("/dev/full: No space left on device"), std::string::npos) << done.detail;
    EXPECT_GE(done.count(ps::outcome::dead), 1U);
    EXPECT_EQ(done.count(ps::outcome::committed), static_cast<std::uint64_t>(stored));
    EXPECT_LE(done.count(ps::outcome::abandoned), 1U) << "only what the source gave when all was over";
    EXPECT_LE(done.taken(), done.count(ps::outcome::dead) * 5 + 20);
}

/// Files grow to this size and not further, as on a disk that is full.
class small_files {
public:
    small_files(rlim_t bytes, sighandler_t on_more) : former_signal_(::signal(SIGXFSZ, on_more)) {
        EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &former_), 0);
        const rlimit less{bytes, former_.rlim_max};
        EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &less), 0);
    }
    ~small_files() {
        ::setrlimit(RLIMIT_FSIZE, &former_);
        ::signal(SIGXFSZ, former_signal_);
    }
    small_files(const small_files&) = delete;
    small_files& operator=(const small_files&) = delete;

private:
    rlimit former_{};
    sighandler_t former_signal_;
};

TEST_F(dead_letters, O10_that_a_full_disk_cut_off_spoil_none_of_the_next_run) {
    const auto file = folder_ / "rejects.ndjson";
    {
        const small_files full(150, SIG_IGN);
        auto job = failing({"a", "b"});
        EXPECT_THROW(ps::testing::run_inline(job, {.dead_letters = ps::ndjson(file)}), ps::run_failed);
    }
    ASSERT_EQ(std::filesystem::file_size(file), 150U) << "half a line is left";
    settled_run(failing({"c"}), {.dead_letters = ps::ndjson(file)});
    settled_run(failing({"d"}), {.dead_letters = ps::ndjson(file)});
    std::vector<std::string> origins;
    for (const std::string& line : lines_of(file)) {
        const auto letter = ps::detail::read_letter(line);
        origins.push_back(letter ? letter->origin : "");
    }
    EXPECT_EQ(origins, (std::vector<std::string>{"a", "", "c", "d"}));
}

TEST_F(dead_letters, O10_beyond_the_limit_of_a_files_size_raise_no_signal) {
    const auto file = folder_ / "rejects.ndjson";
    auto job = failing({"a", "b"});
    {
        // Inline, so that the letters are written on this very thread, where SIGXFSZ would be the end.
        const small_files full(150, SIG_DFL);
        EXPECT_THROW(ps::testing::run_inline(job, {.dead_letters = ps::ndjson(file)}), ps::run_failed);
    }
    EXPECT_EQ(std::filesystem::file_size(file), 150U);
    sigset_t pending;
    ASSERT_EQ(::sigpending(&pending), 0);
    EXPECT_EQ(::sigismember(&pending, SIGXFSZ), 0);
}

TEST_F(dead_letters, of_a_user_who_may_write_the_file_and_not_read_it_are_lines_too) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
    const auto file = folder_ / "rejects.ndjson";
    settled_run(failing({"a"}), {.dead_letters = ps::ndjson(file)});
    ASSERT_EQ(::chmod(file.c_str(), 0200), 0);
    settled_run(failing({"b"}), {.dead_letters = ps::ndjson(file)});
    ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
    EXPECT_EQ(lines_of(file).size(), 3U) << "two letters and an empty line";
}

TEST_F(dead_letters, O6_a_pipe_that_lost_its_reader_raises_no_signal) {
    const auto pipe = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
    ASSERT_GE(reader, 0);
    ASSERT_EQ(::signal(SIGPIPE, SIG_DFL), SIG_DFL);
    int seen = 0;
    // Inline, so that the letters are written on this very thread, where SIGPIPE would be the end.
    auto job = ps::from({1, 2, 3}) | ps::serial("fail", [&](int) {
                   if (++seen == 2) ::close(reader);
                   throw std::runtime_error("bad");
               });
    try {
        ps::testing::run_inline(job, {.dead_letters = ps::ndjson(pipe)});
        FAIL() << "run_failed was expected";
    } catch (const ps::run_failed& failed) {
        expect_settled(failed.report());
        EXPECT_NE(failed.report().detail.find("Broken pipe"), std::string::npos) << failed.what();
    }
    sigset_t pending;
    ASSERT_EQ(::sigpending(&pending), 0);
    EXPECT_EQ(::sigismember(&pending, SIGPIPE), 0);
}

TEST_F(dead_letters, into_a_pipe_that_nobody_reads_stop_the_run_before_it_takes_anything) {
    const auto pipe = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    tally refused;
    std::jthread late_reader([&] {
        // Whoever waits for a reader gets one in the end, so that the test ends as well.
        if (!refused.reached(1)) ::close(::open(pipe.c_str(), O_RDONLY | O_NONBLOCK));
    });
    auto job = failing({"a"});
    try {
        job.run({.dead_letters = ps::ndjson(pipe)});
        ADD_FAILURE() << "preflight_failed was expected";
    } catch (const ps::preflight_failed& failed) {
        EXPECT_NE(std::string(failed.what()).find("nobody reads"), std::string::npos) << failed.what();
    } catch (const ps::run_failed& failed) {
        ADD_FAILURE() << failed.what();
    }
    refused.add();
}

TEST_F(dead_letters, that_are_more_than_a_pipe_holds_wait_for_its_reader) {
    const auto pipe = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
    ASSERT_GE(reader, 0);
    ASSERT_EQ(::fcntl(reader, F_SETFL, 0), 0);
    tally begun;
    std::string came;
    std::jthread reading([&] {
        EXPECT_TRUE(begun.reached(1));
        std::this_thread::sleep_for(50ms);  // By now the pipe is full; if not, nothing is tested.
        std::vector<char> some(1000);
        for (ssize_t got = 0; (got = ::read(reader, some.data(), some.size())) > 0;) {
            came.append(some.data(), static_cast<std::size_t>(got));
        }
        ::close(reader);
    });
    const std::string big(300'000, 'x');
    auto job = ps::from({1}) | ps::serial("fail", [&](int) {
                   begun.add();
                   throw std::runtime_error(big);
               });
    expect_settled(job.run({.dead_letters = ps::ndjson(pipe)}));
    reading.join();
    const auto letter = ps::detail::read_letter(came);
    ASSERT_TRUE(letter);
    EXPECT_EQ(letter->reason, big);
}

}  // namespace
