// TLS through proxies: whom a tunnel belongs to, and who is to blame when there is none.
#include <set>

#include "other_program.hpp"
#include "tests/proxies/proxied_fetch.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using penstock::detail::read;

fetch_options trusting_through(std::vector<proxy> proxies) {
    fetch_options options = through(std::move(proxies));
    options.ca_file = certificate("authority.pem");
    options.proxying.tunnel = false;  // For TLS there is always one.
    return options;
}

TEST(a_tunnel_for_TLS, X6_belongs_to_one_session_and_so_do_its_keys) {
    const other_program server(tls_server("good"));
    faulty_proxy gateway;
    working_fetch work(trusting_through({gateway.url("http", "user-{session}:secret")}));
    for (const char* key : {"a", "b", "a", "b", "c"}) {
        auto& item = work.get({.url = server.url("/x"), .proxy_key = key});
        ASSERT_TRUE(has_page(item)) << item.why().reason;
    }
    std::set<std::string> users;
    for (const auto& tunnel : gateway.tunnels()) users.insert(tunnel.user);
    EXPECT_EQ(users.size(), 3U);
    EXPECT_EQ(gateway.asked(), 3U);  // Kept, for each of them.
    EXPECT_EQ(server.log("resumed").size(), 0U);
}

TEST(a_tunnel_for_TLS, X6_is_new_for_each_attempt_of_a_fresh_session_and_resumes_nothing) {
    const other_program server(tls_server("good"));
    faulty_proxy gateway;
    fetch_options options = trusting_through({gateway.url("http", "user-{session}:secret")});
    options.proxying.session = proxy_options::session_kind::fresh;
    working_fetch work(options);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(has_page(work.get(server.url("/x"))));
    EXPECT_EQ(gateway.asked(), 4U);
    EXPECT_EQ(server.log("resumed").size(), 0U);
}

TEST(a_captive_proxy, X1_is_blamed_and_passed_over) {
    const other_program server(tls_server("good"));
    faulty_proxy bad(manner::captive);
    faulty_proxy good;
    working_fetch work(trusting_through({bad.url(), good.url()}));
    auto& item = work.get(server.url("/x"));
    ASSERT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_EQ(read(figures_of(work).faults), 1U);
}

TEST(a_certificate_that_is_not_to_be_trusted, is_not_the_proxys_fault) {
    const other_program server(tls_server("self_signed"));
    faulty_proxy good;
    working_fetch work(trusting_through({good.url()}));
    auto& item = work.get(server.url("/x"));
    EXPECT_EQ(item.why().kind, error_kind::request) << item.why().reason;
    EXPECT_EQ(read(figures_of(work).faults), 0U);
}

TEST(a_request_that_is_sent_once, goes_on_through_another_proxy_if_no_tunnel_stood) {
    const other_program server(tls_server("good"));
    faulty_proxy bad(manner::refuses);
    faulty_proxy good;
    working_fetch work(trusting_through({bad.url(), good.url()}));
    auto& item = work.get({.url = server.url("/x"), .method = "POST", .body = {"a=1"}});
    ASSERT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_EQ(server.log("request").size(), 1U);
}

}  // namespace
}  // namespace penstock::testing
