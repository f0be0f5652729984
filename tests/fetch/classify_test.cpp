#include "classify.hpp"

#include <gtest/gtest.h>

namespace penstock::fetch_stage {
namespace {

attempt_facts answered(int status, CURLcode result = CURLE_OK) {
    attempt_facts facts;
    facts.result = result;
    facts.status = status;
    facts.head_complete = true;
    facts.reached = phase::receiving;
    facts.url = "http://h/x";
    return facts;
}
attempt_facts broken(CURLcode result, phase reached) {
    attempt_facts facts;
    facts.result = result;
    facts.reached = reached;
    facts.detail = "words";
    facts.url = "http://h/x";
    return facts;
}

TEST(classify, H18_statuses_from_200_to_299_are_pages) {
    for (const int status : {200, 204, 206, 299}) EXPECT_FALSE(classify(answered(status), {})) << status;
}

TEST(classify, H18_other_statuses_fail_and_some_are_worth_a_retry) {
    for (const int status : {100, 300, 302, 304, 400, 401, 403, 404, 407, 410, 501, 999}) {
        const auto judged = classify(answered(status), {});
        ASSERT_TRUE(judged) << status;
        EXPECT_EQ(judged->why.kind, error_kind::bad_status);
        EXPECT_FALSE(judged->worth_a_retry) << status;
    }
    for (const int status : {429, 500, 502, 503, 504})
        EXPECT_TRUE(classify(answered(status), {})->worth_a_retry) << status;
    EXPECT_EQ(classify(answered(404), {})->why.reason, "404 from http://h/x");
}

TEST(classify, H4_a_success_without_a_whole_head_is_truncated) {
    auto facts = answered(200);
    facts.head_complete = false;
    EXPECT_EQ(classify(facts, {})->why.kind, error_kind::truncated);
    EXPECT_TRUE(classify(facts, {})->worth_a_retry);
}

TEST(classify, a_timeout_names_its_phase) {
    const auto judged = classify(broken(CURLE_OPERATION_TIMEDOUT, phase::connecting), {});
    EXPECT_EQ(judged->why.kind, error_kind::timeout);
    EXPECT_EQ(judged->why.reason, "timeout while connecting (words): http://h/x");
    EXPECT_TRUE(judged->worth_a_retry);
}

TEST(classify, lost_connections_are_tried_again_by_what_was_lost) {
    for (const CURLcode code : {CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_GOT_NOTHING, CURLE_SEND_ERROR,
                                CURLE_RECV_ERROR, CURLE_SSL_CONNECT_ERROR}) {
        const auto judged = classify(broken(code, phase::waiting), {});
        EXPECT_EQ(judged->why.kind, error_kind::request) << code;
        EXPECT_TRUE(judged->worth_a_retry) << code;
    }
    for (const CURLcode code : {CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_GOT_NOTHING}) {
        EXPECT_EQ(classify(broken(code, phase::receiving), {})->why.kind, error_kind::truncated) << code;
    }
}

TEST(classify, H13_an_untrusted_certificate_is_not_tried_again) {
    const auto judged = classify(broken(CURLE_PEER_FAILED_VERIFICATION, phase::securing), {});
    EXPECT_EQ(judged->why.kind, error_kind::request);
    EXPECT_FALSE(judged->worth_a_retry);
}

TEST(classify, O4_a_lack_of_descriptors_blames_no_host) {
    auto facts = broken(CURLE_COULDNT_CONNECT, phase::connecting);
    facts.local_shortage = true;
    EXPECT_EQ(classify(facts, {})->why.kind, error_kind::local_resource);
}

TEST(classify, H7_what_is_too_large_is_not_tried_again) {
    auto facts = answered(200, CURLE_WRITE_ERROR);
    facts.seen = trouble::body_too_large;
    EXPECT_EQ(classify(facts, {})->why.kind, error_kind::too_large);
    EXPECT_FALSE(classify(facts, {})->worth_a_retry);
}

TEST(classify, H9_a_long_header_line_is_not_a_lack_of_memory) {
    EXPECT_EQ(classify(broken(CURLE_OUT_OF_MEMORY, phase::receiving), {})->why.kind, error_kind::too_large);
    EXPECT_EQ(classify(broken(CURLE_OUT_OF_MEMORY, phase::connecting), {})->why.kind, error_kind::local_resource);
}

TEST(classify, a_bad_status_stands_even_if_its_body_is_lost) {
    EXPECT_EQ(classify(answered(404, CURLE_PARTIAL_FILE), {})->why.kind, error_kind::bad_status);
    EXPECT_EQ(classify(answered(200, CURLE_PARTIAL_FILE), {})->why.kind, error_kind::truncated);
}

}  // namespace
}  // namespace penstock::fetch_stage
