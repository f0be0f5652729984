// Debian's proxies.
#include "real_proxy.hpp"

#include "proxied_fetch.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using penstock::detail::read;

struct use {
    const char* name;
    real_proxy::kind what;
    const char* scheme;
    bool tunnel;

    friend void PrintTo(const use& one, std::ostream* to) { *to << one.name; }
};

class a_real_proxy : public ::testing::TestWithParam<use> {
protected:
    fetch_options options() {
        fetch_options chosen = through({proxy_.url(GetParam().scheme)});
        chosen.timeout = 20s;
        chosen.connect_timeout = 10s;
        chosen.proxying.tunnel = GetParam().tunnel;
        return chosen;
    }

    http_server server_{
        [](const http_request& asked) { return asked.target == "/503" ? status(503) : text(asked.target); }};
    real_proxy proxy_{GetParam().what};
};

TEST_P(a_real_proxy, brings_pages_over_kept_connections) {
    working_fetch work(options());
    constexpr std::size_t pages = 100;
    for (std::size_t i = 0; i < pages; ++i) work.admit(server_.url("/" + std::to_string(i)));
    const auto back = work.run.wait_for(pages);
    ASSERT_EQ(back.size(), pages);
    for (auto* const item : back) EXPECT_TRUE(has_page(*item)) << item->why().reason;
    EXPECT_EQ(read(figures_of(work).answers), pages);
    // tinyproxy closes after each answer unless it tunnels.
    if (GetParam().what != real_proxy::kind::tinyproxy || GetParam().tunnel) {
        EXPECT_LE(read(work.figures().connections), 16U);
    }
}

TEST_P(a_real_proxy, brings_the_targets_status) {
    working_fetch work(options());
    auto& item = work.get(server_.url("/503"));
    EXPECT_EQ(item.why().kind, error_kind::bad_status) << item.why().reason;
    EXPECT_EQ(read(figures_of(work).faults), 0U);
}

TEST_P(a_real_proxy, X1_that_cannot_reach_the_target_is_blamed_where_that_can_be_told) {
    std::string closed;
    {
        closed = http_server([](const http_request&) { return text("x"); }).url("/");
    }
    working_fetch work(options());
    auto& item = work.get(closed);
    ASSERT_TRUE(item.has_failed());
    const bool told = GetParam().tunnel || std::string_view(GetParam().scheme) != "http";
    EXPECT_EQ(item.why().kind, told ? error_kind::proxy : error_kind::bad_status) << item.why().reason;
}

using kind = real_proxy::kind;
std::vector<use> uses() {
    std::vector<use> all = {{"tinyproxy", kind::tinyproxy, "http", false},
                            {"tinyproxy_tunnel", kind::tinyproxy, "http", true},
                            {"squid", kind::squid, "http", false},
                            {"squid_tunnel", kind::squid, "http", true},
                            {"microsocks_socks5", kind::microsocks, "socks5", false},
                            {"microsocks_socks5h", kind::microsocks, "socks5h", false},
                            {"dante_socks4", kind::dante, "socks4", false},
                            {"dante_socks5", kind::dante, "socks5", false},
                            {"dante_socks5h", kind::dante, "socks5h", false}};
    std::erase_if(all, [](const use& one) { return !real_proxy::is_installed(one.what); });
    return all;
}
INSTANTIATE_TEST_SUITE_P(of_debian, a_real_proxy, ::testing::ValuesIn(uses()),
                         [](const auto& of) { return std::string(of.param.name); });

}  // namespace
}  // namespace penstock::testing
