// X1: whatever a proxy does, it is blamed and not the target, and another proxy is taken.
#include "dead_port.hpp"
#include "penstock/blame.hpp"
#include "proxied_fetch.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using penstock::detail::read;

struct bad_proxy {
    const char* name;
    const char* scheme;
    manner how;

    friend void PrintTo(const bad_proxy& one, std::ostream* to) { *to << one.name; }
};

class a_proxy_at_fault : public ::testing::TestWithParam<bad_proxy> {
protected:
    http_server server_{[](const http_request& asked) { return text(asked.target); }};
    faulty_proxy bad_{GetParam().how};
    faulty_proxy good_;

    fetch_options options(std::vector<proxy> proxies) {
        fetch_options chosen = through(std::move(proxies));
        chosen.timeout = 10s;
        chosen.connect_timeout = 2s;
        chosen.retries = 0;
        chosen.breaker.max_target_failures = 1;
        chosen.breaker.min_distinct_proxies = 1;
        return chosen;
    }
};

TEST_P(a_proxy_at_fault, X1_is_passed_over_for_another) {
    working_fetch work(options({bad_.url(GetParam().scheme), good_.url()}));
    auto& item = work.get(server_.url("/x"));
    ASSERT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_EQ(page_of(item).body(), "/x");
    EXPECT_EQ(item.attempts, 2U);
    EXPECT_EQ(read(figures_of(work, 0).faults), 1U);
    EXPECT_EQ(read(figures_of(work, 1).answers), 1U);
    EXPECT_EQ(read(work.run.metrics().proxies.breaker_opened), 0U);
}

TEST_P(a_proxy_at_fault, X1_is_blamed_and_the_target_is_not) {
    working_fetch work(options({bad_.url(GetParam().scheme)}));
    auto& item = work.get(server_.url("/x"));
    ASSERT_TRUE(item.has_failed());
    EXPECT_EQ(item.why().kind, error_kind::proxy) << item.why().reason;
    EXPECT_TRUE(is_proxy_error(item.why()));
    EXPECT_FALSE(is_server_down(item.why()));
    EXPECT_EQ(item.why().proxy, bad_.url(GetParam().scheme));
    EXPECT_EQ(read(work.run.metrics().proxies.breaker_opened), 0U);
    EXPECT_EQ(server_.requests(), 0U);
}

INSTANTIATE_TEST_SUITE_P(of_every_kind, a_proxy_at_fault,
                         ::testing::Values(bad_proxy{"wants_a_login", "http", manner::refuses_login},
                                           bad_proxy{"silent", "http", manner::silent},
                                           bad_proxy{"cuts_its_answer", "http", manner::cuts_connect},
                                           bad_proxy{"refuses_connect", "http", manner::refuses},
                                           bad_proxy{"answers_with_a_page", "http", manner::html},
                                           bad_proxy{"captive", "http", manner::captive},
                                           bad_proxy{"silent_socks", "socks5h", manner::silent},
                                           bad_proxy{"socks_wants_a_login", "socks5h", manner::socks_login},
                                           bad_proxy{"socks_refuses", "socks5", manner::socks_refuses}),
                         [](const auto& of) { return std::string(of.param.name); });

TEST(a_dead_proxy, X1_is_passed_over_for_another) {
    http_server server([](const http_request& asked) { return text(asked.target); });
    faulty_proxy good;
    const dead_port dead;
    working_fetch work(through({dead.url(), good.url()}));
    auto& item = work.get(server.url("/x"));
    ASSERT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_EQ(read(figures_of(work, 0).faults), 1U);
}

TEST(a_proxy_that_wants_a_login, X1_is_blamed_for_its_407_without_a_tunnel) {
    http_server server([](const http_request& asked) { return text(asked.target); });
    faulty_proxy bad(manner::refuses_login);
    faulty_proxy good;
    fetch_options options = through({bad.url(), good.url()});
    options.proxying.tunnel = false;
    working_fetch work(options);
    auto& item = work.get(server.url("/x"));
    ASSERT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_EQ(read(figures_of(work, 0).faults), 1U);
}

TEST(a_target_that_says_407, X1_is_sent_a_post_once_and_its_proxy_goes_on) {
    http_server server([](const http_request& asked) {
        http_response answer = asked.target == "/pay" ? status(407) : text(asked.target);
        answer.headers.emplace_back("Proxy-Authenticate", "Basic realm=\"t\"");
        return answer;
    });
    faulty_proxy one;
    faulty_proxy other;
    fetch_options options = through({one.url("http", "user:password"), other.url()});
    options.proxying.max_faults = 1;
    working_fetch work(options);
    for (std::size_t sent = 1; sent <= 4; ++sent) {
        auto& item = work.get({.url = server.url("/pay"), .method = "POST", .body = raw_body("1")});
        EXPECT_EQ(item.why().kind, error_kind::bad_status) << item.why().reason;
        EXPECT_EQ(item.why().status, 407);
        EXPECT_EQ(item.attempts, 1U);
        EXPECT_EQ(server.requests("/pay"), sent);
    }
    EXPECT_TRUE(has_page(work.get(server.url("/x"))));
    for (const std::size_t number : {0U, 1U}) {
        EXPECT_EQ(read(figures_of(work, number).faults), 0U) << number;
        EXPECT_EQ(read(figures_of(work, number).lockouts), 0U) << number;
    }
    EXPECT_EQ(read(figures_of(work, 0).answers) + read(figures_of(work, 1).answers), 5U);
}

}  // namespace
}  // namespace penstock::testing
