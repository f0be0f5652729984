#include "proxy_fault.hpp"

#include <gtest/gtest.h>

#include "testimony.hpp"

namespace penstock::fetch_stage {
namespace {

using scheme = proxy_address::kind;

fault_scope scope(const attempt_facts& facts, const proxied_facts& way) {
    const auto fault = find_proxy_fault(facts, way);
    return fault ? fault->scope : fault_scope::none;
}

TEST(proxy_fault, what_happens_before_there_is_a_way_is_the_proxys) {
    const proxied_facts tunnel{.tunnel = true, .new_connection = true, .connected = true};
    const proxied_facts unreached{.tunnel = true, .new_connection = true};
    EXPECT_EQ(scope({.result = CURLE_COULDNT_CONNECT}, unreached), fault_scope::whole);
    EXPECT_EQ(scope({.result = CURLE_COULDNT_RESOLVE_PROXY}, unreached), fault_scope::whole);
    EXPECT_EQ(scope({.result = CURLE_OPERATION_TIMEDOUT}, unreached), fault_scope::whole);
    EXPECT_EQ(scope({.result = CURLE_OPERATION_TIMEDOUT}, tunnel), fault_scope::whole);
    EXPECT_EQ(scope({.result = CURLE_RECV_ERROR}, tunnel), fault_scope::whole);
    EXPECT_EQ(scope({.result = CURLE_SSL_CONNECT_ERROR},
                    {.scheme = scheme::https, .new_connection = true, .connected = true}),
              fault_scope::whole);
    EXPECT_EQ(scope({.result = CURLE_SSL_CONNECT_ERROR, .detail = "OpenSSL: wrong version number"},
                    {.scheme = scheme::https, .tunnel = true, .new_connection = true}),
              fault_scope::whole);
}

TEST(proxy_fault, a_name_of_its_own_that_is_not_resolved_in_time_is_the_proxys) {
    for (const scheme how : {scheme::http, scheme::https, scheme::socks5, scheme::socks5h}) {
        for (const phase reached : {phase::resolving, phase::connecting}) {  // As the target's host is a name or not.
            EXPECT_EQ(scope({.result = CURLE_OPERATION_TIMEDOUT, .reached = reached}, {.scheme = how}),
                      fault_scope::whole);
        }
    }
}

TEST(proxy_fault, what_it_says_of_the_target_concerns_that_target) {
    proxied_facts tunnel{.tunnel = true, .new_connection = true, .connected = true};
    for (const int code : {302, 403, 502, 503, 504}) {
        tunnel.connect_code = code;
        EXPECT_EQ(scope({.result = CURLE_RECV_ERROR}, tunnel), fault_scope::target) << code;
    }
    tunnel.connect_code = 407;
    EXPECT_EQ(scope({.result = CURLE_RECV_ERROR}, tunnel), fault_scope::whole);
    const proxied_facts socks{.scheme = scheme::socks5h, .new_connection = true, .connected = true};
    proxied_facts refused = socks;
    refused.refusal = CURLPX_REPLY_NOT_ALLOWED;
    EXPECT_EQ(scope({.result = CURLE_PROXY}, refused), fault_scope::target);
    refused.refusal = CURLPX_NO_AUTH;
    EXPECT_EQ(scope({.result = CURLE_PROXY}, refused), fault_scope::whole);
    EXPECT_EQ(scope({.result = CURLE_OPERATION_TIMEDOUT, .reached = phase::securing}, socks), fault_scope::target);
}

TEST(proxy_fault, a_page_in_place_of_the_targets_protocol_is_the_proxys) {
    const proxied_facts made{.tunnel = true, .new_connection = true, .connected = true, .connect_code = 200};
    EXPECT_EQ(scope({.result = CURLE_SSL_CONNECT_ERROR, .detail = "OpenSSL: wrong version number"}, made),
              fault_scope::target);
    EXPECT_EQ(scope({.result = CURLE_UNSUPPORTED_PROTOCOL}, made), fault_scope::target);
    EXPECT_EQ(scope({.result = CURLE_RECV_ERROR, .detail = "Proxy CONNECT aborted"}, made), fault_scope::whole);
}

TEST(proxy_fault, what_the_target_does_is_not_the_proxys) {
    const proxied_facts made{.tunnel = true, .new_connection = true, .connected = true, .connect_code = 200};
    const proxied_facts kept{.tunnel = true, .connected = true};
    const proxied_facts plain{.new_connection = true, .connected = true};
    for (const proxied_facts& way : {made, kept, plain}) {
        EXPECT_EQ(scope({.result = CURLE_OK, .status = 503, .head_complete = true}, way), fault_scope::none);
        EXPECT_EQ(scope({.result = CURLE_OK, .status = 429, .head_complete = true}, way), fault_scope::none);
        EXPECT_EQ(scope({.result = CURLE_OPERATION_TIMEDOUT, .reached = phase::waiting}, way), fault_scope::none);
        EXPECT_EQ(scope({.result = CURLE_RECV_ERROR, .reached = phase::receiving}, way), fault_scope::none);
        EXPECT_EQ(scope({.result = CURLE_OUT_OF_MEMORY}, way), fault_scope::none);
        EXPECT_EQ(scope({.result = CURLE_COULDNT_CONNECT, .local_shortage = true}, way), fault_scope::none);
    }
    EXPECT_EQ(scope({.result = CURLE_PEER_FAILED_VERIFICATION}, made), fault_scope::none);
}

TEST(proxy_fault, a_407_is_the_proxys_where_no_tunnel_leads_to_the_target) {
    const attempt_facts wants_login{.result = CURLE_OK, .status = 407, .head_complete = true};
    for (const scheme how : {scheme::http, scheme::https}) {
        EXPECT_EQ(scope(wants_login, {.scheme = how, .new_connection = true, .connected = true}), fault_scope::whole);
        const proxied_facts made{
            .scheme = how, .tunnel = true, .new_connection = true, .connected = true, .connect_code = 200};
        const proxied_facts kept{.scheme = how, .tunnel = true, .connected = true};
        for (const proxied_facts& tunnel : {made, kept}) EXPECT_EQ(scope(wants_login, tunnel), fault_scope::none);
    }
    EXPECT_EQ(scope(wants_login, {.scheme = scheme::socks5h, .new_connection = true, .connected = true}),
              fault_scope::none);
}

TEST(testimony, of_a_failure_is_what_breaker_options_say) {
    const auto of = [](error_kind kind, int status = 0, bool worth_a_retry = true) {
        return testimony_of({{kind, "", status}, worth_a_retry});
    };
    for (const int status : {500, 503, 599}) EXPECT_EQ(of(error_kind::bad_status, status), testimony::failing);
    for (const int status : {400, 403, 404, 304}) EXPECT_EQ(of(error_kind::bad_status, status), testimony::alive);
    EXPECT_EQ(of(error_kind::bad_status, 429), testimony::nothing);
    for (const error_kind kind : {error_kind::timeout, error_kind::truncated, error_kind::request}) {
        EXPECT_EQ(of(kind), testimony::failing);
    }
    EXPECT_EQ(of(error_kind::request, 0, false), testimony::nothing);
    for (const error_kind kind : {error_kind::too_large, error_kind::redirect}) EXPECT_EQ(of(kind), testimony::alive);
    for (const error_kind kind : {error_kind::local_resource, error_kind::other}) {
        EXPECT_EQ(of(kind), testimony::nothing);
    }
    EXPECT_EQ(testimony_of({{error_kind::proxy, ""}, true, fault_scope::whole}), testimony::nothing);
}

}  // namespace
}  // namespace penstock::fetch_stage
