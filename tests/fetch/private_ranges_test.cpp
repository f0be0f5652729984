#include "private_ranges.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <cstring>
#include <thread>

#include "unique_fd.hpp"
#include "working_fetch.hpp"

namespace penstock::testing {
namespace {

using fetch_stage::unique_fd;

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

/// Gives this process a network of its own in which an address of the public internet is its own; false if it may not.
bool enter_own_network(const char* address) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
    const unique_fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq device{};
    std::strcpy(device.ifr_name, "lo");
    device.ifr_flags = IFF_UP;
    if (::ioctl(fd.value(), SIOCSIFFLAGS, &device) != 0) return false;
    ifreq alias{};
    std::strcpy(alias.ifr_name, "lo:0");
    auto& place = reinterpret_cast<sockaddr_in&>(alias.ifr_addr);
    place.sin_family = AF_INET;
    return ::inet_pton(AF_INET, address, &place.sin_addr) == 1 && ::ioctl(fd.value(), SIOCSIFADDR, &alias) == 0;
}

/// Answers each request of one connection at any address of this machine; ends when the peer closes.
class public_server {
public:
    explicit public_server(std::string answer) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(listener_.value(), reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(listener_.value(), 8), 0);
        EXPECT_EQ(::getsockname(listener_.value(), reinterpret_cast<sockaddr*>(&address), &size), 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this, answer = std::move(answer)] {
            const unique_fd peer(::accept(listener_.value(), nullptr, nullptr));
            char asked[2000];
            while (::recv(peer.value(), asked, sizeof asked, 0) > 0) {
                (void)::send(peer.value(), answer.data(), answer.size(), MSG_NOSIGNAL);
            }
        });
    }
    ~public_server() {
        ::shutdown(listener_.value(), SHUT_RDWR);
        thread_.join();
    }
    std::string url(const char* host) const {
        return std::string("http://") + host + ':' + std::to_string(port_) + '/';
    }

private:
    unique_fd listener_;
    unsigned port_ = 0;
    std::thread thread_;
};

TEST(deny_private_ranges, a_public_page_arrives_and_its_kept_connection_serves_again) {
    if (!enter_own_network("8.8.8.8")) GTEST_SKIP() << "no network namespace here";
    const public_server server("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    working_fetch work(careful());
    for (int i = 0; i < 2; ++i) {
        auto& item = work.get(server.url("8.8.8.8"));
        EXPECT_TRUE(has_page(item)) << item.why().reason;
    }
    EXPECT_EQ(penstock::detail::read(work.figures().connections), 1U);
}

TEST(deny_private_ranges, H10_a_redirect_from_a_public_server_does_not_lead_inside) {
    if (!enter_own_network("8.8.8.8")) GTEST_SKIP() << "no network namespace here";
    http_server inside([](const http_request&) { return text("secret"); });
    const public_server server("HTTP/1.1 302 Found\r\nLocation: " + inside.url("/metadata")
                               + "\r\nContent-Length: 0\r\n\r\n");
    working_fetch work(careful());
    auto& item = work.get(server.url("8.8.8.8"));
    ASSERT_TRUE(item.has_failed());
    EXPECT_TRUE(contains(item.why().reason, "deny_private_ranges")) << item.why().reason;
    EXPECT_EQ(inside.connections(), 0U);
}

}  // namespace
}  // namespace penstock::testing
