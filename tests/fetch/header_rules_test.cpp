#include "header_rules.hpp"

#include <gtest/gtest.h>

#include "request_headers.hpp"

namespace penstock::fetch_stage {
namespace {

std::string lines_of(const header_list& list) {
    std::string lines;
    for (const curl_slist* line = list.get(); line != nullptr; line = line->next)
        lines += std::string(line->data) + '|';
    return lines;
}

TEST(header_rules, ordinary_headers_may_be_sent) {
    for (const char* name : {"Accept", "Authorization", "Cookie", "X-API-Key", "If-None-Match", "User-Agent"}) {
        EXPECT_EQ(problem_of({name, "value; with=\"anything\", \xc3\xa9"}), "") << name;
    }
}

TEST(header_rules, H12_what_would_end_the_line_is_refused) {
    for (const std::string& value :
         {std::string("a\r\nX: y"), std::string("a\n"), std::string("\r"), std::string("a\0b", 3)}) {
        EXPECT_NE(problem_of({"X", value}), "");
    }
    for (const char* name : {"", "a b", "a:", "a\n", "\xc3\xa9", "a(b)"})
        EXPECT_NE(problem_of({name, "x"}), "") << name;
    EXPECT_NE(problem_of({std::string("a\0", 2), "x"}), "");
}

TEST(header_rules, fields_of_the_connection_are_refused_in_any_case) {
    for (const char* name : {"Host", "content-length", "Transfer-Encoding", "CONNECTION", "Proxy-Authorization",
                             "proxy-foo", "Upgrade", "TE", "Keep-Alive", "Expect", "Trailer"}) {
        EXPECT_NE(problem_of({name, "x"}), "") << name;
    }
}

TEST(header_rules, H11_only_headers_without_secrets_change_their_origin) {
    EXPECT_TRUE(may_change_origin("accept"));
    EXPECT_TRUE(may_change_origin("Accept-Language"));
    EXPECT_TRUE(may_change_origin("User-Agent"));
    for (const char* name : {"Authorization", "Cookie", "X-API-Key", "Referer"}) EXPECT_FALSE(may_change_origin(name));
}

TEST(header_rules, a_requests_own_header_goes_in_place_of_the_options) {
    const std::vector<header> of_options = {{"Accept", "text/html"}, {"X-A", "1"}};
    const std::vector<header> of_request = {{"accept", "application/json"}, {"X-B", ""}};
    EXPECT_EQ(lines_of(make_header_list(of_options, of_request, true, false)),
              "X-A: 1|accept: application/json|X-B;|Accept-Encoding: gzip\r\nUser-Agent: penstock/0.1|");
    const std::vector<header> own_agent = {{"user-agent", "me"}};
    EXPECT_EQ(lines_of(make_header_list({}, own_agent, true, false)), "user-agent: me|Accept-Encoding: gzip|");
    EXPECT_EQ(lines_of(make_header_list({}, {}, false, false)), "User-Agent: penstock/0.1|");
}

TEST(header_rules, H11_secrets_are_left_out_for_another_origin) {
    const std::vector<header> of_options = {{"Authorization", "secret"}, {"User-Agent", "me"}};
    const std::vector<header> of_request = {{"Cookie", "secret"}, {"Accept", "a"}};
    EXPECT_EQ(lines_of(make_header_list(of_options, of_request, false, true)), "User-Agent: me|Accept: a|");
}

}  // namespace
}  // namespace penstock::fetch_stage
