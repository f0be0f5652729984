// Where the items go that did not make it.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "penstock/compose.hpp"
#include "penstock/errors.hpp"
#include "penstock/sources/from.hpp"
#include "tests/account.hpp"
#include "tests/temporary_folder.hpp"

namespace ps = penstock;
using ps::testing::expect_settled;
using ps::testing::settled_run;

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

TEST_F(dead_letters, O10_a_full_disk_ends_the_run) {
    EXPECT_THROW(failing({"a"}).run({.dead_letters = ps::ndjson("/dev/full")}), ps::run_failed);
}

}  // namespace
