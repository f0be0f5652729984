#include "proxy_address.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "penstock/errors.hpp"
#include "penstock/stages/fetch/fetch_options.hpp"
#include "session_book.hpp"

namespace penstock::fetch_stage {
namespace {

using kind = proxy_address::kind;

TEST(proxy_address, knows_every_scheme) {
    const std::vector<std::pair<const char*, kind>> all = {
        {"http://p:1", kind::http},       {"https://p:1", kind::https},   {"socks4://p:1", kind::socks4},
        {"socks4a://p:1", kind::socks4a}, {"socks5://p:1", kind::socks5}, {"socks5h://p:1", kind::socks5h}};
    for (const auto& [url, scheme] : all) {
        const proxy_address read{proxy(url)};
        EXPECT_EQ(read.problem(), "") << url;
        EXPECT_EQ(read.scheme(), scheme) << url;
        EXPECT_EQ(read.shown(), url);
        EXPECT_FALSE(read.has_login());
    }
    EXPECT_EQ(proxy_address(proxy("HTTP://[::1]:3128/")).shown(), "http://[::1]:3128");
}

TEST(proxy_address, reads_a_login_in_the_url_and_apart_from_it) {
    const proxy_address in_url{proxy("http://us%40er:pa%3Ass@p:1")};
    EXPECT_EQ(in_url.user(""), "us@er");
    EXPECT_EQ(in_url.password(""), "pa:ss");
    EXPECT_EQ(in_url.shown(), "http://p:1");
    const proxy_address apart{proxy("socks5://p:1", "us%40er", "p@ss")};
    EXPECT_EQ(apart.user(""), "us%40er");
    EXPECT_EQ(apart.password(""), "p@ss");
    EXPECT_EQ(proxy_address(proxy("http://a:b@c@p:1")).password(""), "b@c");
}

TEST(proxy_address, fills_the_templates_of_providers) {
    const proxy_address read{
        proxy("http://user-session-{session}-country-{country}:pass-{session}@gateway:8000").in("de")};
    EXPECT_EQ(read.problem(), "");
    EXPECT_TRUE(read.has_sessions());
    EXPECT_EQ(read.user("abc"), "user-session-abc-country-de");
    EXPECT_EQ(read.password("x{session}"), "pass-x{session}");
}

TEST(proxy_address, refuses_what_cannot_work_without_quoting_it) {
    for (const char* url :
         {"", "p:1", "ftp://u:hunter2@p:1", "http://u:hunter2@p", "http://u:hunter2@p:0", "http://u:hunter2@p:70000",
          "http://u:hunter2@:1", "http://u:hunter2@p:1/path", "http://u:hunter2%4@p:1", "http://u:{hunter2}@p:1",
          "http://u-{country}:hunter2@p:1", "http://u:hunter2@p q:1", "http://u:hunter2%0A@p:1",
          "http://u%3Ax:hunter2@p:1", "socks5://hunter2:p"}) {
        const proxy_address read{proxy(url)};
        EXPECT_NE(read.problem(), "") << url;
        EXPECT_EQ(read.shown(), "?") << url;
        try {
            check({.proxies = {"http://good:1", url}});
            ADD_FAILURE() << "it was taken: " << url;
        } catch (const bad_option& refused) {
            const std::string said = refused.what();
            EXPECT_NE(said.find("proxies[1]"), std::string::npos) << said;
            EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
        }
    }
    EXPECT_NE(proxy_address(proxy("http://u:p@p:1", "u", "p")).problem(), "");
}

TEST(proxy_options, that_cannot_work_are_refused) {
    const auto refused = [](auto&& change) {
        fetch_options options{.proxies = {"http://p:1"}};
        change(options);
        EXPECT_THROW(check(options), bad_option);
    };
    EXPECT_NO_THROW(check({.proxies = {"http://p1:3128", "socks5h://p2:1080"}}));
    refused([](fetch_options& o) { o.deny_private_ranges = true; });
    refused([](fetch_options& o) { o.proxying.connections_per_proxy = 0; });
    refused([](fetch_options& o) { o.proxying.rate_per_proxy = 0; });
    refused([](fetch_options& o) { o.proxying.burst_per_proxy = 0; });
    refused([](fetch_options& o) { o.proxying.switches = 101; });
    refused([](fetch_options& o) { o.proxying.max_faults = 0; });
    refused([](fetch_options& o) { o.proxying.lockouts = {}; });
    refused([](fetch_options& o) { o.proxying.lockouts = {std::chrono::milliseconds(0)}; });
    refused([](fetch_options& o) { o.proxying.cool_down = std::chrono::milliseconds(-1); });
    refused([](fetch_options& o) { o.breaker.max_target_failures = 0; });
    refused([](fetch_options& o) { o.breaker.min_distinct_proxies = 0; });
    refused([](fetch_options& o) { o.breaker.open_for = std::chrono::milliseconds(0); });
}

TEST(session_book, a_key_keeps_its_name_until_it_is_renewed) {
    session_book names(1, 2);
    const std::string first = names.of(0, "key");
    EXPECT_EQ(names.of(0, "key"), first);
    std::set<std::string> all = {first, names.of(1, "key"), names.of(0, "other"), names.fresh(), names.fresh()};
    EXPECT_EQ(all.size(), 5U);
    names.renew(0, "key", first);
    EXPECT_EQ(all.count(names.of(0, "key")), 0U);
    EXPECT_EQ(all.count(names.of(1, "key")), 1U);
    EXPECT_EQ(first.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz"), std::string::npos);
}

TEST(session_book, a_name_that_has_failed_several_attempts_is_renewed_once) {
    session_book names(1, 2);
    const std::string first = names.of(0, "key");
    names.renew(0, "key", first);
    const std::string second = names.of(0, "key");
    names.renew(0, "key", first);  // Was under way with it at the same time.
    EXPECT_EQ(names.of(0, "key"), second);
    names.renew(0, "key", second);
    EXPECT_NE(names.of(0, "key"), second);
}

}  // namespace
}  // namespace penstock::fetch_stage
