// What a dead letter says, and the request that is read back from it.
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "letter_json.hpp"
#include "penstock/request.hpp"

namespace penstock::testing {
namespace {

/// As fetch writes it of a request that failed.
dead_letter letter_about(const request& asked) {
    dead_letter letter;
    letter.stage = "fetch";
    penstock::detail::origin_text<request>::describe(&asked, letter);
    return letter;
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

TEST(letters, a_confidential_body_is_in_no_letter_and_is_not_replayed) {
    request login{.url = "http://a/login", .method = "POST", .body = form_body({{"password", "planted-marker"}})};
    login.body.confidential = true;
    const std::string line = penstock::detail::json_of(letter_about(login));
    EXPECT_EQ(line.find("planted-marker"), std::string::npos) << line;
    const auto read = penstock::detail::read_letter(line);
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->body_withheld);
    EXPECT_FALSE(penstock::detail::request_of(*read));
    login.body.confidential = false;
    EXPECT_EQ(penstock::detail::request_of(letter_about(login)).value().body.bytes, login.body.bytes);
}

TEST(letters, of_requests_whose_method_is_none_are_not_replayed_as_something_else) {
    for (const char* method : {"", "PO ST", "POST\r\nX: planted-marker", "(planted-marker)"}) {
        const request asked{.url = "http://a/1", .method = method, .body = json_body("{}")};
        const std::string line = penstock::detail::json_of(letter_about(asked));
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
    const auto read = penstock::detail::read_letter(penstock::detail::json_of(letter_about(asked)));
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
