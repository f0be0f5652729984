#include "private_ranges.hpp"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "working_fetch.hpp"

/// Leads connections to one public address to this machine, so that a public server can be played. libcurl calls this
/// after it was asked whether it may open the connection.
extern "C" int connect(int fd, const sockaddr* to, socklen_t size) {
    static const auto real = reinterpret_cast<decltype(&::connect)>(::dlsym(RTLD_NEXT, "connect"));
    if (to->sa_family != AF_INET) return real(fd, to, size);
    sockaddr_in led = *reinterpret_cast<const sockaddr_in*>(to);
    if (led.sin_addr.s_addr == ::inet_addr("8.8.8.8")) led.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return real(fd, reinterpret_cast<const sockaddr*>(&led), sizeof led);
}

namespace penstock::testing {
namespace {

std::string public_url(const http_server& server) { return "http://8.8.8.8:" + std::to_string(server.port()) + '/'; }

bool denied(const char* text) {
    sockaddr_storage address{};
    if (std::strchr(text, ':') != nullptr) {
        address.ss_family = AF_INET6;
        EXPECT_EQ(::inet_pton(AF_INET6, text, &reinterpret_cast<sockaddr_in6&>(address).sin6_addr), 1) << text;
    } else {
        address.ss_family = AF_INET;
        EXPECT_EQ(::inet_pton(AF_INET, text, &reinterpret_cast<sockaddr_in&>(address).sin_addr), 1) << text;
    }
    return fetch_stage::is_private(reinterpret_cast<const sockaddr&>(address));
}

TEST(private_ranges, each_is_denied_from_its_first_address_to_its_last) {
    for (const char* address :
         {"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
          "127.255.255.255", "169.254.0.0", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.168.0.0",
          "192.168.255.255", "198.18.0.1", "198.19.255.255", "224.0.0.1", "255.255.255.255"}) {
        EXPECT_TRUE(denied(address)) << address;
    }
    for (const char* address : {"::", "::1", "::7f00:1", "fc00::1", "fdff::1", "fe80::1", "fec0::1", "ff02::1",
                                "2001:0:1::", "64:ff9b:1::1"}) {
        EXPECT_TRUE(denied(address)) << address;
    }
}

TEST(private_ranges, their_neighbours_are_not) {
    for (const char* address :
         {"1.0.0.0",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255", "100.128.0.0",
          "126.255.255.255", "128.0.0.0",       "169.253.255.255", "169.255.0.0",    "172.15.255.255",
          "172.32.0.0",      "192.167.255.255", "192.169.0.0",     "198.17.255.255", "198.20.0.0",
          "223.255.255.255", "8.8.8.8",         "2606:4700::1111", "fbff::1",        "2001:4860::8888"}) {
        EXPECT_FALSE(denied(address)) << address;
    }
}

TEST(private_ranges, ipv6_forms_of_an_address_count_as_that) {
    for (const char* prefix : {"::ffff:", "64:ff9b::"}) {
        EXPECT_TRUE(denied((prefix + std::string("10.1.2.3")).c_str())) << prefix;
        EXPECT_FALSE(denied((prefix + std::string("8.8.8.8")).c_str())) << prefix;
    }
    EXPECT_TRUE(denied("2002:7f00:1::"));
    EXPECT_FALSE(denied("2002:808:808::"));
}

TEST(private_ranges, a_family_without_addresses_is_denied) {
    sockaddr local{};
    local.sa_family = AF_UNIX;
    EXPECT_TRUE(fetch_stage::is_private(local));
}

fetch_options careful() {
    fetch_options options = working_fetch::quick();
    options.deny_private_ranges = true;
    return options;
}

TEST(deny_private_ranges, nothing_leads_to_this_machine_however_it_is_written) {
    http_server server([](const http_request&) { return text("x"); });
    working_fetch work(careful());
    const std::string port = std::to_string(server.port());
    for (const char* host : {"127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0", "localhost", "[::1]",
                             "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"}) {
        auto& item = work.get("http://" + std::string(host) + ':' + port + '/');
        ASSERT_TRUE(item.has_failed()) << host;
        EXPECT_EQ(item.why().kind, error_kind::request) << host << item.why().reason;
        EXPECT_TRUE(contains(item.why().reason, "deny_private_ranges")) << host << item.why().reason;
        EXPECT_EQ(item.attempts, 1U) << host;
    }
    EXPECT_EQ(server.connections(), 0U);
}

TEST(deny_private_ranges, it_is_off_unless_asked_for) {
    http_server server([](const http_request&) { return text("x"); });
    working_fetch work;
    EXPECT_TRUE(has_page(work.get(server.url())));
}

TEST(deny_private_ranges, a_public_page_arrives_and_its_kept_connection_serves_again) {
    http_server server([](const http_request&) { return text("x"); });
    working_fetch work(careful());
    for (int i = 0; i < 2; ++i) {
        auto& item = work.get(public_url(server));
        EXPECT_TRUE(has_page(item)) << item.why().reason;
    }
    EXPECT_EQ(server.connections(), 1U);
}

TEST(deny_private_ranges, H10_a_redirect_from_a_public_server_does_not_lead_inside) {
    http_server inside([](const http_request&) { return text("secret"); });
    http_server server([&](const http_request&) { return redirect(302, inside.url("/metadata")); });
    working_fetch work(careful());
    auto& item = work.get(public_url(server));
    ASSERT_TRUE(item.has_failed());
    EXPECT_TRUE(contains(item.why().reason, "deny_private_ranges")) << item.why().reason;
    EXPECT_EQ(server.requests(), 1U);
    EXPECT_EQ(inside.connections(), 0U);
}

}  // namespace
}  // namespace penstock::testing
