// X6: who goes through a proxy as somebody shares no connection with anybody else.
#include <map>
#include <set>

#include "proxied_fetch.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using penstock::detail::read;

const std::string templated = "user-session-{session}-country-{country}:secret";

/// The users that the proxy saw, and the paths that came through the tunnels of each.
std::map<std::string, std::set<std::string>> paths_by_user(const faulty_proxy& proxy) {
    std::map<std::string, std::set<std::string>> all;
    for (const auto& tunnel : proxy.tunnels()) {
        for (std::size_t at = tunnel.received.find("GET "); at != std::string::npos;
             at = tunnel.received.find("GET ", at + 1)) {
            const std::size_t end = tunnel.received.find(' ', at + 4);
            if (end != std::string::npos) all[tunnel.user].insert(tunnel.received.substr(at + 4, end - at - 4));
        }
    }
    return all;
}

class sessions : public ::testing::TestWithParam<const char*> {};

TEST_P(sessions, X6_of_two_keys_never_share_a_tunnel) {
    http_server server([](const http_request& asked) { return text(asked.target); });
    faulty_proxy gateway;
    working_fetch work(through({proxy(gateway.url(GetParam(), templated)).in("de")}));
    std::size_t admitted = 0;
    for (int round = 0; round < 5; ++round) {
        for (const char* key : {"a", "b", "c"}) {
            work.run.admit(*work.feed, {.url = server.url("/" + std::string(key)), .proxy_key = key});
            if (round % 2 == 0) work.run.wait_for(admitted + 1);  // One after the other, and all at once.
            ++admitted;
        }
        ASSERT_EQ(work.run.wait_for(admitted).size(), admitted);
    }
    const auto seen = paths_by_user(gateway);
    EXPECT_EQ(seen.size(), 3U);
    for (const auto& [user, paths] : seen) {
        EXPECT_EQ(paths.size(), 1U) << user;
        EXPECT_TRUE(user.starts_with("user-session-") && user.ends_with("-country-de:secret")) << user;
    }
    EXPECT_LE(gateway.connections(), 9U);  // Kept: 15 requests, at the most three of a key at once.
    EXPECT_EQ(server.requests(), 15U);
}

TEST_P(sessions, X6_that_are_fresh_have_a_connection_each) {
    http_server server([](const http_request& asked) { return text(asked.target); });
    faulty_proxy gateway;
    fetch_options options = through({proxy(gateway.url(GetParam(), templated)).in("de")});
    options.proxying.session = proxy_options::session_kind::fresh;
    working_fetch work(options);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(has_page(work.get(server.url("/x"))));
    std::set<std::string> users;
    for (const auto& tunnel : gateway.tunnels()) users.insert(tunnel.user);
    EXPECT_EQ(users.size(), 10U);
    EXPECT_EQ(gateway.connections(), 10U);
}

INSTANTIATE_TEST_SUITE_P(through, sessions, ::testing::Values("http", "socks5h"),
                         [](const auto& of) { return std::string(of.param); });

TEST(sessions, X6_of_two_keys_never_share_a_connection_without_a_tunnel) {
    http_server server([](const http_request& asked) { return text(asked.target); });
    faulty_proxy gateway;
    fetch_options options = through({proxy(gateway.url("http", templated)).in("de")});
    options.proxying.tunnel = false;
    working_fetch work(options);
    for (int round = 0; round < 4; ++round) {
        for (const char* key : {"a", "b"}) {
            ASSERT_TRUE(has_page(work.get({.url = server.url("/" + std::string(key)), .proxy_key = key})));
        }
    }
    EXPECT_EQ(gateway.connections(), 2U);
    EXPECT_EQ(gateway.asked(), 8U);
}

TEST(sessions, that_fail_are_renewed) {
    http_server server([](const http_request& asked) { return text(asked.target); });
    faulty_proxy gateway(manner::refuses);
    working_fetch work(through({proxy(gateway.url("http", templated)).in("de")}));
    EXPECT_TRUE(work.get(server.url("/")).has_failed());
    std::set<std::string> users;
    for (const auto& tunnel : gateway.tunnels()) users.insert(tunnel.user);
    EXPECT_EQ(gateway.asked(), 3U);
    EXPECT_EQ(users.size(), 3U);
}

TEST(sessions, that_rest_give_their_connections_up_to_new_ones) {
    http_server server([](const http_request& asked) { return text(asked.target); });
    faulty_proxy gateway;
    constexpr std::size_t queue_size = 4;
    working_fetch work(through({gateway.url("http", "user-{session}:secret")}), {.queue_size = queue_size});
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(has_page(work.get({.url = server.url("/"), .proxy_key = "key" + std::to_string(i)})));
    }
    const auto patience = std::chrono::steady_clock::now() + 10s;  // The server learns of an end a little later.
    while (server.open_connections() > 2 * queue_size && std::chrono::steady_clock::now() < patience) {
        std::this_thread::yield();
    }
    EXPECT_LE(server.open_connections(), 2 * queue_size);
    EXPECT_EQ(gateway.connections(), 50U);
}

TEST(a_proxy, is_told_the_name_of_a_target_or_its_address_as_its_scheme_says) {
    http_server server([](const http_request& asked) { return text(asked.target); });
    const std::string port = std::to_string(server.port());
    for (const char* scheme : {"http", "socks4", "socks4a", "socks5", "socks5h"}) {
        faulty_proxy one;
        working_fetch work(through({one.url(scheme)}));
        auto& item = work.get("http://localhost:" + port + "/");
        ASSERT_TRUE(has_page(item)) << scheme << item.why().reason;
        const bool resolved_here = std::string_view(scheme) == "socks4" || std::string_view(scheme) == "socks5";
        EXPECT_EQ(one.tunnels().at(0).target == "localhost:" + port, !resolved_here) << scheme;
    }
}

TEST(two_proxies, with_logins_have_tunnels_of_their_own) {
    http_server server([](const http_request& asked) { return text(asked.target); });
    faulty_proxy shared;
    working_fetch work(through({shared.url("http", "one:1"), shared.url("http", "two:2")}));
    for (int i = 0; i < 6; ++i) ASSERT_TRUE(has_page(work.get(server.url("/" + std::to_string(i)))));
    const auto seen = paths_by_user(shared);
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen.at("one:1"), (std::set<std::string>{"/0", "/2", "/4"}));
    EXPECT_EQ(seen.at("two:2"), (std::set<std::string>{"/1", "/3", "/5"}));
    EXPECT_EQ(shared.connections(), 2U);
}

}  // namespace
}  // namespace penstock::testing
