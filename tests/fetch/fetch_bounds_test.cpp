#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <filesystem>
#include <thread>

#include "unique_fd.hpp"
#include "working_fetch.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using fetch_stage::unique_fd;

std::size_t open_files() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Answers one request after the other at all addresses of 127.0.0.0/8, each on a connection of its own.
class any_host {
public:
    any_host() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(listener_.value(), reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(listener_.value(), 1000), 0);
        EXPECT_EQ(::getsockname(listener_.value(), reinterpret_cast<sockaddr*>(&address), &size), 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] {
            for (;;) {
                const unique_fd peer(::accept(listener_.value(), nullptr, nullptr));
                if (peer.value() < 0) return;
                char asked[2000];
                (void)::recv(peer.value(), asked, sizeof asked, 0);
                constexpr std::string_view answer =
                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx";
                (void)::send(peer.value(), answer.data(), answer.size(), MSG_NOSIGNAL);
            }
        });
    }
    ~any_host() {
        ::shutdown(listener_.value(), SHUT_RDWR);
        thread_.join();
    }
    std::string url(int host) const {
        return "http://127." + std::to_string(1 + host / 65'536) + '.' + std::to_string(host / 256 % 256) + '.'
               + std::to_string(host % 256) + ':' + std::to_string(port_) + "/";
    }

private:
    unique_fd listener_;
    unsigned port_ = 0;
    std::thread thread_;
};

TEST(fetch_bounds, H21_thousands_of_origins_take_no_more_connections_than_the_queue_is_long) {
    const any_host servers;
    constexpr std::size_t queue_size = 100;
    constexpr std::size_t hosts = 4'000;
    working_fetch work(working_fetch::quick(), {.queue_size = queue_size});
    const std::size_t before = open_files();
    std::size_t most = 0;
    for (std::size_t i = 0; i < hosts; ++i) {
        const std::size_t settled = i < queue_size ? 0 : i - queue_size + 1;
        ASSERT_GE(work.run.wait_for(settled).size(), settled);
        work.admit(servers.url(static_cast<int>(i)));
        if (i % 500 == 0) most = std::max(most, open_files());
    }
    const auto back = work.run.wait_for(hosts);
    ASSERT_EQ(back.size(), hosts);
    std::size_t pages = 0;
    for (auto* const item : back) pages += has_page(*item);
    EXPECT_EQ(pages, hosts);
    EXPECT_LE(most, before + 2 * queue_size + 10);
}

TEST(fetch_bounds, H21_ten_thousand_items_of_one_origin_go_over_its_few_connections) {
    http_server server([](const http_request&) { return text("x"); });
    constexpr std::size_t items = 10'000;
    working_fetch work(working_fetch::quick(), {.queue_size = 1000});
    for (std::size_t i = 0; i < items; ++i) {
        const std::size_t settled = i < 1000 ? 0 : i - 999;
        ASSERT_GE(work.run.wait_for(settled).size(), settled);
        work.admit(server.url());
    }
    ASSERT_EQ(work.run.wait_for(items).size(), items);
    EXPECT_EQ(penstock::detail::read(work.figures().pages), items);
    EXPECT_LE(server.connections(), 8U);
    EXPECT_LE(server.peak_concurrent_requests(), 8U);
}

/// Lets the process open only so many files for a while.
class few_files {
public:
    explicit few_files(rlim_t most) {
        EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &former_), 0);
        rlimit less = former_;
        less.rlim_cur = most;
        EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &less), 0);
    }
    ~few_files() { ::setrlimit(RLIMIT_NOFILE, &former_); }
    few_files(const few_files&) = delete;
    few_files& operator=(const few_files&) = delete;

private:
    rlimit former_{};
};

fetch_options broad() {
    fetch_options options = working_fetch::quick();
    options.connections_per_host = 1000;
    options.retries = 0;
    return options;
}

TEST(fetch_bounds, O4_with_64_descriptors_it_lives_within_them) {
    const any_host server;  // It has one connection at a time, for its descriptors count as well.
    const few_files limit(64);
    working_fetch work(broad(), {.queue_size = 1000});
    for (int i = 0; i < 300; ++i) work.admit(server.url(0));
    const auto back = work.run.wait_for(300);
    ASSERT_EQ(back.size(), 300U);
    for (auto* const item : back) EXPECT_TRUE(has_page(*item)) << item->why().reason;
}

TEST(fetch_bounds, O4_when_others_take_the_descriptors_nobody_else_is_blamed) {
    // The kernel takes the connections and nobody answers: a server in this process would run out of descriptors too.
    const unique_fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listener.value(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(listener.value(), 1000), 0);
    ASSERT_EQ(::getsockname(listener.value(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    fetch_options options = broad();
    options.timeout = 500ms;
    working_fetch work(options, {.queue_size = 300});
    const few_files limit(open_files() + 64);
    for (int i = 0; i < 300; ++i) work.admit("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/");
    const auto back = work.run.wait_for(300);
    ASSERT_EQ(back.size(), 300U);
    std::size_t unanswered = 0;
    std::size_t short_of = 0;
    for (auto* const item : back) {
        unanswered += item->why().kind == error_kind::timeout;
        short_of += item->why().kind == error_kind::local_resource;
    }
    EXPECT_EQ(unanswered + short_of, 300U);
    EXPECT_GT(short_of, 100U);
    EXPECT_GT(unanswered, 0U);
}

}  // namespace
}  // namespace penstock::testing
