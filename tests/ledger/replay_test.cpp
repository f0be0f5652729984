// Dead letters come back as requests.
#include "penstock/sources/replay.hpp"

#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stop_token>
#include <thread>
#include <tuple>

#include "letter_json.hpp"
#include "penstock/blame.hpp"
#include "penstock/detail/letters.hpp"
#include "penstock/errors.hpp"
#include "penstock/stages/fetch.hpp"
#include "penstock/testing/http_server.hpp"
#include "sqlite_place.hpp"
#include "work.hpp"

namespace penstock::testing {
namespace {

class replaying : public ::testing::Test {
protected:
    replaying() { place_.run(create_entries); }

    /// Loads pages, whatever their body says.
    report run(bare_source<request> from, run_options options) {
        auto job =
            std::move(from) | fetch({.retries = 0})
            | parallel("rows",
                       [](const page& got) { return entry{.item = std::stoll(std::string(got.tag())), .number = 0}; })
            | store(place_.target(), entries());
        return settled_run(job, options);
    }
    std::vector<request> requests(std::int64_t count) {
        std::vector<request> made;
        for (const std::int64_t one : numbers(count))
            made.push_back(
                {.url = server_.url("/" + std::to_string(one)),
                 .method = one % 2 == 0 ? "GET" : "POST",
                 .body = one % 2 == 0 ? request_body() : json_body("{\"number\":" + std::to_string(one) + "}"),
                 .tag = std::to_string(one)});
        return made;
    }
    std::filesystem::path letters() const { return folder_ / "letters.ndjson"; }
    void write(const std::string& text) const { std::ofstream(letters()) << text; }

    std::atomic<bool> well_{false};
    const temporary_folder folder_;
    sqlite_place place_;
    http_server server_{[this](const http_request& asked) {
        const bool fails = asked.target.ends_with("3") || asked.target.ends_with("4");
        if (fails && !well_) return status(asked.target.ends_with("3") ? 500 : 404);
        if (asked.method == "POST" && asked.body.find("number") == std::string::npos) return status(400);
        return text("x");
    }};
};

TEST_F(replaying, letters_of_a_file_are_requested_again_with_method_body_and_tag) {
    const report first = run(from(requests(10)), {.dead_letters = ndjson(letters()), .ledger = "x"});
    EXPECT_EQ(first.count(outcome::dead), 2U) << first;
    well_ = true;
    const report again = run(replay(letters()), {.ledger = "x", .retry_dead = true});
    EXPECT_EQ(again.count(outcome::committed), 2U) << again;
    EXPECT_EQ(place_.value("SELECT group_concat(item) FROM (SELECT item FROM entries ORDER BY item)"),
              "0,1,2,3,4,5,6,7,8,9");
    EXPECT_EQ(place_.value("SELECT count(*) FROM penstock_ledger WHERE state = 1"), "10") << "they are the same items";
}

TEST_F(replaying, dead_items_of_a_ledger_are_requested_again) {
    run(from(requests(10)), {.ledger = "x"});
    well_ = true;
    const report again = run(replay(place_.target(), "x"), {.ledger = "x", .retry_dead = true});
    EXPECT_EQ(again.count(outcome::committed), 2U) << again;
    EXPECT_EQ(place_.value("SELECT count(*) FROM entries"), "10");
}

TEST_F(replaying, a_ledger_that_is_not_there_is_told_before_anything_is_taken) {
    run(from(requests(2)), {.ledger = "x"});
    EXPECT_EQ(run(replay(place_.target(), "x"), {}).taken(), 0U) << "there, but nothing is dead";
    EXPECT_EQ(run(replay(place_.target(), "new"), {.ledger = "new"}).taken(), 0U) << "the run has made it";
    auto job = replay(place_.target(), "X") | fetch() | serial("count", [](const page&) {});
    try {
        job.run();
        FAIL() << "preflight_failed was expected";
    } catch (const preflight_failed& failed) {
        EXPECT_NE(std::string(failed.what()).find("there is no ledger \"X\""), std::string::npos) << failed.what();
    }
}

TEST_F(replaying, a_filter_takes_some) {
    run(from(requests(10)), {.dead_letters = ndjson(letters()), .ledger = "x"});
    well_ = true;
    EXPECT_EQ(run(replay(letters(), is_server_down<dead_letter>), {}).taken(), 1U);
    EXPECT_EQ(run(replay(place_.target(), "x", [](const dead_letter& one) { return one.status == 404; }), {}).taken(),
              1U);
}

TEST_F(replaying, without_retry_dead_the_ledger_skips_them) {
    run(from(requests(10)), {.dead_letters = ndjson(letters()), .ledger = "x"});
    EXPECT_EQ(run(replay(letters()), {.ledger = "x"}).count(outcome::skipped), 2U);
}

TEST_F(replaying, a_letter_that_is_there_twice_is_one_item) {
    run(from(requests(10)), {.dead_letters = ndjson(letters()), .ledger = "x"});
    std::ifstream file(letters());
    const std::string once{std::istreambuf_iterator<char>(file), {}};
    write(once + once);
    well_ = true;
    const report again = run(replay(letters()), {.ledger = "x", .retry_dead = true});
    EXPECT_EQ(again.taken(), 4U);
    EXPECT_EQ(again.count(outcome::committed), 2U) << again;
    EXPECT_EQ(place_.value("SELECT count(*) FROM entries"), "10");
}

TEST_F(replaying, O10_letters_that_were_cut_off_are_left_out_and_told_of) {
    const std::string letter = json_of(server_.url("/5"));
    // Half a line, one that another process has gone on with, and one at the end.
    write(letter.substr(0, 30) + "\n" + letter + "\n\n" + letter.substr(0, 30) + letter + "\n" + letter.substr(0, 3)
          + letter + "\n" + letter.substr(0, 5));
    ::testing::internal::CaptureStderr();
    const report again = run(replay(letters()), {});
    const std::string told = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(again.count(outcome::committed), 3U) << again;
    EXPECT_NE(told.find("4 dead letters in " + letters().string()), std::string::npos) << told;
    EXPECT_NE(told.find("line 1"), std::string::npos) << told;
}

TEST_F(replaying, a_line_that_never_was_a_letter_is_an_error_wherever_it_stands) {
    const std::string letter = json_of(server_.url("/5"));
    for (const std::string other : {"http://a/", "{\"item\":1}", "{\"symbol\":", "[]"}) {
        for (const std::string& text : {letter + "\n" + other + "\n" + letter, letter + "\n" + other}) {
            write(text);
            const report failed = run(replay(letters()), {});
            EXPECT_EQ(failed.reason, end_reason::failed) << text;
            EXPECT_NE(failed.detail.find("line 2 of "), std::string::npos) << failed.detail;
        }
    }
}

TEST_F(replaying, keys_that_differ_in_bytes_that_are_no_text_are_different_items) {
    std::vector<request> two;
    for (const char* key : {"\xfe", "\xff"}) two.push_back({.url = server_.url("/3"), .tag = "3", .key = key});
    run(from(two), {.dead_letters = ndjson(letters()), .ledger = "x"});
    well_ = true;
    const report again = run(replay(letters()), {.ledger = "x", .retry_dead = true});
    EXPECT_EQ(again.count(outcome::committed), 2U) << again;
    EXPECT_EQ(place_.value("SELECT count(*) FROM penstock_ledger WHERE state = 1"), "2") << "they are the same items";
}

TEST_F(replaying, a_file_that_is_not_there_is_told_before_anything_is_taken) {
    auto job = replay(folder_ / "none") | fetch() | serial("count", [](const page&) {});
    EXPECT_THROW(job.run(), preflight_failed);
}

TEST_F(replaying, letters_that_the_run_adds_to_its_own_file_are_for_the_next_one) {
    const std::string all = json_of(server_.url("/3")) + "\n" + json_of(server_.url("/4")) + "\n";
    for (const std::string& cut : {std::string(), all.substr(0, 30)}) {
        write(all + cut);
        std::stop_source stop;
        std::atomic<unsigned> read{0};
        const auto count = [&](const dead_letter&) {
            if (++read == 50) stop.request_stop();
            return true;
        };
        const report again = run(replay(letters(), count),
                                 {.queue_size = 1, .stop = stop.get_token(), .dead_letters = ndjson(letters())});
        EXPECT_EQ(again.taken(), 2U) << again;
        EXPECT_EQ(again.count(outcome::dead), 2U) << again;
        EXPECT_EQ(again.reason, end_reason::completed) << again;
        EXPECT_EQ(run(replay(letters()), {}).taken(), 4U);
    }
}

TEST_F(replaying, a_pipe_is_read_to_its_end) {
    const std::filesystem::path pipe = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    std::jthread writer([&] {
        std::ofstream(pipe) << json_of(server_.url("/5")) << '\n' << json_of(server_.url("/6"));
    });
    EXPECT_EQ(run(replay(pipe), {}).count(outcome::committed), 2U);
}

TEST_F(replaying, a_file_that_cannot_be_read_is_not_taken_for_an_empty_one) {
    // A file of the kernel's that can be opened and has a size, but is refused when it is read.
    const std::filesystem::path refused = "/sys/class/net/lo/speed";
    if (!std::filesystem::exists(refused)) GTEST_SKIP() << "there is no " << refused;
    const report failed = run(replay(refused), {});
    EXPECT_EQ(failed.reason, end_reason::failed) << failed;
    EXPECT_NE(failed.detail.find("cannot read " + refused.string()), std::string::npos) << failed.detail;
    EXPECT_NE(failed.detail.find(std::strerror(EINVAL)), std::string::npos) << failed.detail;
}

TEST_F(replaying, a_folder_is_refused_before_anything_is_taken) {
    auto job = replay(std::filesystem::path(folder_ / ".")) | fetch() | serial("count", [](const page&) {});
    EXPECT_THROW(job.run(), preflight_failed);
}

TEST_F(replaying, connections_that_were_reset_are_among_those_that_were_blocked) {
    dead_letter letter;
    letter.origin = server_.url("/5");
    letter.tag = "5";
    letter.stage = "fetch";
    const std::string other = penstock::detail::json_of(letter);
    letter.connection_reset = true;
    write(other + "\n" + penstock::detail::json_of(letter) + "\n");
    EXPECT_EQ(run(replay(letters(), is_blocked<dead_letter>), {}).taken(), 1U);
}

}  // namespace
}  // namespace penstock::testing
