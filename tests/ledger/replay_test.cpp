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

#include "penstock/blame.hpp"
#include "penstock/detail/letters.hpp"
#include "penstock/errors.hpp"
#include "penstock/stages/fetch.hpp"
#include "penstock/testing/http_server.hpp"
#include "sqlite_place.hpp"
#include "work.hpp"

namespace penstock::testing {
namespace {

std::string json_of(std::string origin) {
    dead_letter letter;
    letter.origin = std::move(origin);
    letter.tag = "5";
    letter.stage = "fetch";
    return penstock::detail::json_of(letter);
}

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

TEST(letters, cut_off_anywhere_are_known_as_such) {
    const std::string letter = json_of(R"(http://a/{"item":7})");
    for (std::size_t at = 1; at < letter.size(); ++at) {
        const auto alone = penstock::detail::read_letter_line(letter.substr(0, at));
        EXPECT_TRUE(alone.cut_off && !alone.letter) << at;
        const auto glued = penstock::detail::read_letter_line(letter.substr(0, at) + letter);
        ASSERT_TRUE(glued.cut_off && glued.letter) << at;
        EXPECT_EQ(glued.letter->origin, R"(http://a/{"item":7})");
    }
    EXPECT_FALSE(penstock::detail::read_letter_line(letter).cut_off);
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

/// Every field differs from that of a new letter. Does not compile when a field was added, which is then to be added
/// here and below.
bool is_full(const dead_letter& letter) {
    const auto& [item, origin, tag, key, method, idempotency_key, proxy_key, target, body, content_type, body_withheld,
                 stage, how, kind, reason, attempts, status, connection_reset, proxy] = letter;
    const dead_letter none;
    for (const std::string* text : {&origin, &tag, &key, &method, &idempotency_key, &proxy_key, &target, &body,
                                    &content_type, &stage, &reason, &proxy})
        if (text->empty()) return false;
    return item != none.item && body_withheld && how != none.how && kind != none.kind && attempts != none.attempts
           && status != none.status && connection_reset;
}

TEST(letters, what_a_letter_says_is_read_back) {
    const dead_letter letter{.item = 7,
                             .origin = "http://a/\"\\\n",
                             .tag = "t\xc3\xa4g",
                             .key = "k",
                             .method = "PUT",
                             .idempotency_key = "once",
                             .proxy_key = "account 7",
                             .target = "a's backend",
                             .body = std::string("\0\xff binary", 9),
                             .content_type = "x/y",
                             .body_withheld = true,
                             .stage = "fetch",
                             .how = outcome::in_doubt,
                             .kind = error_kind::too_large,
                             .reason = "why",
                             .attempts = 3,
                             .status = 503,
                             .connection_reset = true,
                             .proxy = "http://p:3128"};
    ASSERT_TRUE(is_full(letter));
    const auto read = penstock::detail::read_letter(penstock::detail::json_of(letter));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, letter) << penstock::detail::json_of(*read);
    dead_letter least;
    least.stage = "fetch";
    EXPECT_EQ(penstock::detail::read_letter(penstock::detail::json_of(least)).value(), least);
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

TEST(letters, a_confidential_body_is_in_no_letter_and_is_not_replayed) {
    request login{.url = "http://a/login", .method = "POST", .body = form_body({{"password", "planted-marker"}})};
    login.body.confidential = true;
    dead_letter letter;
    letter.stage = "fetch";
    penstock::detail::origin_text<request>::describe(&login, letter);
    const std::string line = penstock::detail::json_of(letter);
    EXPECT_EQ(line.find("planted-marker"), std::string::npos) << line;
    const auto read = penstock::detail::read_letter(line);
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->body_withheld);
    EXPECT_FALSE(penstock::detail::request_of(*read));
    login.body.confidential = false;
    penstock::detail::origin_text<request>::describe(&login, letter);
    EXPECT_EQ(penstock::detail::request_of(letter).value().body.bytes, login.body.bytes);
}

TEST(letters, of_requests_whose_method_is_none_are_not_replayed_as_something_else) {
    for (const char* method : {"", "PO ST", "POST\r\nX: planted-marker", "(planted-marker)"}) {
        const request asked{.url = "http://a/1", .method = method, .body = json_body("{}")};
        dead_letter letter;
        letter.stage = "fetch";
        penstock::detail::origin_text<request>::describe(&asked, letter);
        const std::string line = penstock::detail::json_of(letter);
        EXPECT_EQ(line.find("planted-marker"), std::string::npos) << line;
        const auto read = penstock::detail::read_letter(line);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->body, "{}") << "the letter still tells the rest";
        EXPECT_FALSE(penstock::detail::request_of(*read)) << method;
    }
    const auto foreign = penstock::detail::read_letter(R"({"stage":"fetch","origin":"http://a/","method":"PO ST"})");
    EXPECT_FALSE(penstock::detail::request_of(foreign.value()));
}

TEST(letters, hold_bytes_of_any_kind_that_a_request_is_made_of) {
    const std::string bytes("\xff\0\xc3", 3);
    dead_letter letter;
    letter.origin = "http://a/" + bytes;
    letter.stage = "fetch";
    for (std::string* text : {&letter.tag, &letter.key, &letter.idempotency_key, &letter.proxy_key, &letter.target,
                              &letter.body, &letter.content_type})
        *text = bytes;
    const auto read = penstock::detail::read_letter(penstock::detail::json_of(letter));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, letter) << penstock::detail::json_of(*read);
}

TEST(letters, a_request_comes_back_but_for_headers_and_authorization) {
    const request asked{.url = "http://a/1",
                        .method = "POST",
                        .body = json_body("{}"),
                        .idempotency_key = "once",
                        .tag = "5",
                        .proxy_key = "account 7",
                        .target = "a's backend",
                        .key = "order 1"};
    dead_letter letter;
    letter.stage = "fetch";
    penstock::detail::origin_text<request>::describe(&asked, letter);
    const auto read = penstock::detail::read_letter(penstock::detail::json_of(letter));
    ASSERT_TRUE(read);
    const request again = penstock::detail::request_of(*read).value();
    // Does not compile when a field was added: is it to be in letters?
    const auto& [url, method, headers, body, auth, idempotency_key, tag, proxy_key, target, key] = again;
    EXPECT_EQ(std::tie(url, method, body.bytes, body.content_type, idempotency_key, tag, proxy_key, target, key),
              std::tie(asked.url, asked.method, asked.body.bytes, asked.body.content_type, asked.idempotency_key,
                       asked.tag, asked.proxy_key, asked.target, asked.key));
    EXPECT_TRUE(headers.empty());
    EXPECT_TRUE(auth.value().reveal().empty());
}

TEST(letters, are_replayed_whatever_the_case_of_their_scheme) {
    dead_letter letter;
    for (const char* url : {"HTTP://a/", "Https://a/", "hTTpS://a/", "http://a/"}) {
        letter.origin = url;
        const auto again = penstock::detail::request_of(letter);
        ASSERT_TRUE(again) << url;
        EXPECT_EQ(again->url, url);
    }
    for (const char* none : {"", "a", "http:/a", "httpx://a", "ftp://a", "HTT"}) {
        letter.origin = none;
        EXPECT_FALSE(penstock::detail::request_of(letter)) << none;
    }
}

TEST(letters, are_weighed_without_being_made) {
    for (const std::string& text : {std::string(), std::string(10'000, 'x'), std::string(10'000, '\xff')}) {
        alignas(std::max_align_t) std::byte rooms[3][sizeof(request)];
        penstock::detail::slot item(rooms[0], rooms[1], rooms[2]);
        std::construct_at(reinterpret_cast<request*>(rooms[0]), request{.url = "http://a/", .body = raw_body(text)});
        item.set_origin(penstock::detail::value_type_of<request>);
        item.fail("fetch", failure{error_kind::bad_status, std::string(100, '"')});
        const std::size_t made = penstock::detail::json_of(penstock::detail::letter_of(item, outcome::dead)).size();
        EXPECT_GE(penstock::detail::letter_size(item), made);
        EXPECT_LE(penstock::detail::letter_size(item), 2 * made + 1000);
    }
}

TEST(letters, bytes_that_are_no_text_do_not_spoil_the_line) {
    for (const std::string_view bad :
         {"\xff", "\xc3", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xc0\x80", "\xe0\x9f\xbf"}) {
        const std::string line = json_of("a" + std::string(bad));
        EXPECT_NE(line.find("\"origin\":\"a\xef\xbf\xbd"), std::string::npos) << line;
        const auto read = penstock::detail::read_letter(line);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->origin, "a" + std::string(bad));
    }
    for (const std::string_view none : {"", "{", "[]", "1", "{\"item\":1}", "{\"stage\":1}"})
        EXPECT_FALSE(penstock::detail::read_letter(none)) << none;
}

}  // namespace
}  // namespace penstock::testing
