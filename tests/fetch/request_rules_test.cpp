#include "request_rules.hpp"

#include <gtest/gtest.h>

#include "penstock/errors.hpp"
#include "request_headers.hpp"

namespace penstock::fetch_stage {
namespace {

std::string lines_of(const header_list& list) {
    std::string all;
    for (const curl_slist* line = list.get(); line != nullptr; line = line->next) all.append(line->data) += '|';
    return all;
}

TEST(request_rules, only_methods_that_do_the_same_each_time_may_be_repeated) {
    for (const char* method : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"}) {
        EXPECT_TRUE(may_be_repeated({.url = {}, .method = method})) << method;
    }
    for (const char* method : {"POST", "PATCH", "LOCK", "get", "MERGE"}) {
        EXPECT_FALSE(may_be_repeated({.url = {}, .method = method})) << method;
        EXPECT_TRUE(may_be_repeated({.url = {}, .method = method, .idempotency_key = "k"})) << method;
    }
}

TEST(request_rules, H11_a_redirect_keeps_the_method_or_makes_it_GET) {
    for (const char* method : {"GET", "PUT", "PATCH", "DELETE", "HEAD"}) {
        for (const int status : {301, 302, 307, 308}) EXPECT_EQ(method_after(status, method), method) << status;
    }
    EXPECT_EQ(method_after(301, "POST"), "GET");
    EXPECT_EQ(method_after(302, "POST"), "GET");
    EXPECT_EQ(method_after(307, "POST"), "POST");
    EXPECT_EQ(method_after(308, "POST"), "POST");
    for (const char* method : {"GET", "POST", "PUT", "DELETE"}) EXPECT_EQ(method_after(303, method), "GET");
    EXPECT_EQ(method_after(303, "HEAD"), "HEAD");
}

TEST(request_rules, H11_a_redirect_that_keeps_the_method_keeps_the_body_except_with_303) {
    for (const char* method : {"GET", "PUT", "PATCH", "DELETE", "POST"}) {
        for (const int status : {307, 308}) EXPECT_TRUE(keeps_body(status, method)) << status << method;
        EXPECT_FALSE(keeps_body(303, method)) << method;
    }
    for (const int status : {301, 302}) {
        EXPECT_TRUE(keeps_body(status, "GET")) << status;
        EXPECT_TRUE(keeps_body(status, "PUT")) << status;
        EXPECT_FALSE(keeps_body(status, "POST")) << status;
    }
}

TEST(request_rules, H12_what_would_break_the_request_is_refused_without_being_shown) {
    for (const char* method : {"", "GE T", "GET\r\nX: y", "CONNECT", "Connect", "HEAD"}) {
        const request asked{.url = {}, .method = method, .body = {.bytes = "x"}};
        EXPECT_FALSE(problem_of(asked).empty()) << method;
    }
    const std::string bad = "marker\r\nX: y";
    const request with_key{.url = {}, .idempotency_key = bad};
    const request with_auth{.url = {}, .auth = bearer_auth(bad)};
    const request with_type{.url = {}, .body = raw_body("x", bad)};
    for (const request& asked : {with_key, with_auth, with_type}) {
        const std::string problem = problem_of(asked);
        EXPECT_FALSE(problem.empty());
        EXPECT_EQ(problem.find("marker"), problem.npos) << problem;
    }
    EXPECT_EQ(problem_of({.url = {}, .method = "PROPFIND", .body = json_body("{}"), .auth = bearer_auth("t")}), "");
}

TEST(request_rules, a_form_is_encoded_as_browsers_do) {
    EXPECT_EQ(form_body({{"a b", "1&2=3"}, {"c", ""}, {"é*-._", "\r\n"}}).bytes, "a+b=1%262%3D3&c=&%C3%A9*-._=%0D%0A");
    EXPECT_EQ(form_body({}).bytes, "");
}

TEST(request_rules, basic_auth_is_base64_of_user_and_password) {
    EXPECT_EQ(basic_auth("Aladdin", "open sesame").value().reveal(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    EXPECT_EQ(basic_auth("a", "b").value().reveal(), "Basic YTpi");
    EXPECT_EQ(basic_auth("a", "").value().reveal(), "Basic YTo=");
    EXPECT_THROW((void)basic_auth("a:b", "c"), bad_option);
}

TEST(request_rules, a_header_of_the_requests_own_goes_in_place_of_what_body_and_auth_would_send) {
    request asked{.url = {}, .method = "POST", .body = json_body("{}"), .auth = bearer_auth("t")};
    EXPECT_EQ(lines_of(make_header_list({}, asked, false, false, true)),
              "Content-Type: application/json|Authorization: Bearer t|User-Agent: penstock/0.1|Expect:|");
    asked.headers = {{"content-type", "text/x"}, {"authorization", "mine"}};
    EXPECT_EQ(lines_of(make_header_list({}, asked, false, false, true)),
              "content-type: text/x|authorization: mine|User-Agent: penstock/0.1|Expect:|");
}

TEST(request_rules, H11_a_body_that_goes_to_another_origin_takes_only_its_type_along) {
    const request asked{.url = {},
                        .method = "POST",
                        .headers = {{"X-Key", "k"}, {"Content-Language", "de"}},
                        .body = json_body("{}"),
                        .auth = bearer_auth("t"),
                        .idempotency_key = "i"};
    EXPECT_EQ(lines_of(make_header_list({}, asked, false, true, true)),
              "User-Agent: penstock/0.1|Expect:|Content-Type: application/json|");
    EXPECT_EQ(lines_of(make_header_list({}, asked, false, false, false)),
              "X-Key: k|Authorization: Bearer t|User-Agent: penstock/0.1|");
}

}  // namespace
}  // namespace penstock::fetch_stage
