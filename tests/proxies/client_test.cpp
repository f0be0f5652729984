// A client, and a pipeline on its session, through proxies.
#include "penstock/client.hpp"

#include <atomic>
#include <map>
#include <set>

#include "dead_port.hpp"
#include "penstock/blame.hpp"
#include "penstock/compose.hpp"
#include "penstock/pipeline.hpp"
#include "penstock/sources/from.hpp"
#include "proxied_fetch.hpp"
#include "stages/fetch/session.hpp"
#include "stages/fetch/way.hpp"
#include "tests/account.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;

const std::string marker = "hunter2-marker";
const std::string templated = "user-{session}:" + marker;

client_options quick(std::vector<proxy> proxies) {
    client_options options{.cookies = true, .timeout = 10s, .retries = 2};
    options.fetching = through(std::move(proxies));
    return options;
}

failure failure_of(std::future<page> result) {
    try {
        (void)result.get();
    } catch (const call_failed& failed) {
        EXPECT_FALSE(contains(failed.what(), marker)) << failed.what();
        return failed.why();
    }
    return {.kind = error_kind::other, .reason = "it did not fail"};
}

/// Gives each visitor without a cookie one of its own, "visitor=1" and so on, and tells it what it came with.
class greeter {
public:
    std::string url(const std::string& path = "/") const { return server_.url(path); }
    std::size_t visitors() const { return visitors_; }
    const http_server& server() const { return server_; }

private:
    http_response greet(const http_request& asked) {
        const std::string cookies(asked.header("Cookie").value_or(""));
        http_response answer = asked.target == "/enter" ? redirect(302, "/") : text(cookies);
        if (!contains(cookies, "visitor=")) {
            answer.headers.emplace_back("Set-Cookie", "visitor=" + std::to_string(++visitors_) + "; Path=/");
        }
        return answer;
    }

    std::atomic<std::size_t> visitors_{0};
    http_server server_{[this](const http_request& asked) { return greet(asked); }};
};

/// The cookies that were seen in the tunnels of a proxy, by the user who made them.
std::map<std::string, std::set<std::string>> cookies_by_user(const faulty_proxy& at) {
    constexpr std::string_view name = "Cookie: ";
    std::map<std::string, std::set<std::string>> all;
    for (const auto& tunnel : at.tunnels()) {
        std::set<std::string>& seen = all[tunnel.user];
        std::string_view rest = tunnel.received;
        for (std::size_t from = rest.find(name); from != std::string_view::npos; from = rest.find(name)) {
            rest.remove_prefix(from + name.size());
            seen.emplace(rest.substr(0, rest.find('\r')));
        }
    }
    return all;
}

TEST(cookies, X6_that_came_through_a_proxy_go_out_through_no_other) {
    greeter shop;
    faulty_proxy one;
    faulty_proxy two;
    client web(quick({one.url(), two.url("socks5h")}));
    web.set_cookie(shop.url(), "by=hand");
    for (int i = 0; i < 12; ++i) (void)web.get(shop.url());
    EXPECT_EQ(shop.visitors(), 2U);
    const auto through_one = cookies_by_user(one);
    const auto through_two = cookies_by_user(two);
    // The first call through each has what was set by hand alone, all others their own too.
    EXPECT_EQ(through_one.at(""), (std::set<std::string>{"by=hand", "by=hand; visitor=1"}));
    EXPECT_EQ(through_two.at(""), (std::set<std::string>{"by=hand", "by=hand; visitor=2"}));
    web.reset_cookies();
    EXPECT_EQ(web.get(shop.url()).body(), "");
}

TEST(cookies, of_a_login_last_from_call_to_call_where_rotation_is_sticky) {
    greeter shop;
    faulty_proxy one;
    faulty_proxy two;
    client_options options = quick({one.url(), two.url()});
    options.fetching.proxying.policy = proxy_options::rotation::sticky;
    client web(options);
    (void)web.get(shop.url());
    for (int i = 0; i < 5; ++i) EXPECT_EQ(web.get(shop.url()).body(), "visitor=1");
}

TEST(cookies, X6_of_two_sessions_at_a_gateway_stay_apart) {
    greeter shop;
    faulty_proxy gateway;
    client web(quick({gateway.url("http", templated)}));
    for (int round = 0; round < 3; ++round) {
        for (const char* key : {"a", "b"}) (void)web.send({.url = shop.url(), .proxy_key = key});
    }
    EXPECT_EQ(shop.visitors(), 2U);
    const auto seen = cookies_by_user(gateway);
    ASSERT_EQ(seen.size(), 2U);
    std::set<std::set<std::string>> jars;
    for (const auto& [user, cookies] : seen) jars.insert(cookies);
    EXPECT_EQ(jars, (std::set<std::set<std::string>>{{"visitor=1"}, {"visitor=2"}}));
}

TEST(cookies, X6_of_a_session_that_is_renewed_are_left_behind) {
    greeter shop;
    faulty_proxy gateway;
    client_options options = quick({gateway.url("http", templated)});
    options.fetching.proxying.max_faults = 1000;
    client web(options);
    (void)web.get(shop.url());
    EXPECT_EQ(web.get(shop.url()).body(), "visitor=1");
    gateway.behave(manner::refuses);
    // By a method that takes a connection of its own, and so asks for a tunnel again.
    EXPECT_TRUE(is_proxy_error(failure_of(web.async_post(shop.url(), json_body("{}")))));
    gateway.behave(manner::good);
    EXPECT_EQ(web.get(shop.url()).body(), "");
    EXPECT_EQ(web.get(shop.url()).body(), "visitor=2");
}

TEST(cookies, X6_of_a_fresh_session_last_as_long_as_its_attempt) {
    greeter shop;
    faulty_proxy gateway;
    client_options options = quick({gateway.url("http", templated)});
    options.fetching.proxying.session = proxy_options::session_kind::fresh;
    client web(options);
    web.set_cookie(shop.url(), "by=hand");
    EXPECT_EQ(web.get(shop.url("/enter")).body(), "by=hand; visitor=1");
    EXPECT_EQ(web.get(shop.url("/enter")).body(), "by=hand; visitor=2");
}

/// The name of the exit that a tunnel of a gateway, the first of a client's proxies, had.
std::string exit_of(const faulty_proxy::tunnel& made) {
    const std::string_view session = std::string_view(made.user).substr(std::string_view("user-").size());
    return fetch_stage::way::exit_of(0, session.substr(0, session.find(':')));
}

TEST(cookies, of_a_session_that_is_over_are_forgotten) {
    for (const bool fresh : {false, true}) {
        greeter shop;
        faulty_proxy gateway;
        fetch_options options = through({proxy(gateway.url("http", templated))});
        options.proxying.max_faults = 1000;
        if (fresh) options.proxying.session = proxy_options::session_kind::fresh;
        penstock::detail::session::beginning from;
        from.cookies = true;
        const auto keeps = std::make_shared<penstock::detail::session>(from);
        working_fetch work(options, {}, keeps);
        ASSERT_TRUE(has_page(work.get(shop.url())));
        const std::string exit = exit_of(gateway.tunnels().at(0));
        EXPECT_EQ(keeps->cookies_for(shop.url(), exit), fresh ? "" : "visitor=1");
        if (fresh) continue;
        gateway.behave(manner::refuses);
        EXPECT_TRUE(work.get({.url = shop.url(), .method = "POST"}).has_failed());
        ASSERT_EQ(exit_of(gateway.tunnels().at(1)), exit);
        EXPECT_EQ(keeps->cookies_for(shop.url(), exit), "");
    }
}

TEST(cookies, of_a_login_at_a_gateway_are_there_in_a_pipeline_on_its_session) {
    greeter shop;
    faulty_proxy gateway;
    client web(quick({gateway.url("http", templated)}));
    (void)web.get(shop.url());
    std::atomic<int> known = 0;
    pipeline job = from(std::vector<std::string>(10, shop.url())) | fetch(web)
                   | serial("count", [&known](const page& one) { known += one.body() == "visitor=1"; });
    const report done = settled_run(job);
    EXPECT_TRUE(done.clean()) << done;
    EXPECT_EQ(known, 10);
    EXPECT_EQ(cookies_by_user(gateway).size(), 1U);
}

TEST(cookies, of_a_session_that_was_renewed_are_there_in_a_pipeline_too) {
    greeter shop;
    faulty_proxy gateway;
    client_options options = quick({gateway.url("http", templated)});
    options.fetching.proxying.max_faults = 1000;
    client web(options);
    (void)web.get(shop.url());
    gateway.behave(manner::refuses);
    EXPECT_TRUE(is_proxy_error(failure_of(web.async_post(shop.url(), json_body("{}")))));
    gateway.behave(manner::good);
    (void)web.get(shop.url());
    EXPECT_EQ(web.get(shop.url()).body(), "visitor=2");
    std::atomic<int> known = 0;
    pipeline job = from(std::vector<std::string>(10, shop.url())) | fetch(web)
                   | serial("count", [&known](const page& one) { known += one.body() == "visitor=2"; });
    const report done = settled_run(job);
    EXPECT_TRUE(done.clean()) << done;
    EXPECT_EQ(known, 10);
    EXPECT_EQ(shop.visitors(), 2U);
}

TEST(cookies, of_a_new_session_outlast_a_late_fault_of_the_old_one) {
    greeter shop;
    faulty_proxy gateway(manner::silent);
    client_options options = quick({gateway.url("http", templated)});
    options.retries = 0;
    options.fetching.proxying.max_faults = 1000;
    client web(options);
    std::future<page> late = web.async_get(shop.url());
    while (gateway.connections() == 0) std::this_thread::yield();
    gateway.behave(manner::refuses);
    EXPECT_TRUE(is_proxy_error(failure_of(web.async_get(shop.url()))));
    gateway.behave(manner::good);
    (void)web.get(shop.url());
    EXPECT_TRUE(is_proxy_error(failure_of(std::move(late))));
    EXPECT_EQ(web.get(shop.url()).body(), "visitor=1");
}

TEST(client, rotates_over_its_proxies_call_by_call) {
    http_server server = plain_server();
    faulty_proxy one;
    faulty_proxy two;
    client web(quick({one.url(), two.url()}));
    for (int i = 0; i < 6; ++i) EXPECT_EQ(web.get(server.url("/" + std::to_string(i))).body(), "/" + std::to_string(i));
    const fetch_figures figures = web.figures();
    ASSERT_EQ(figures.proxies.size(), 2U);
    EXPECT_EQ(figures.proxies[0].answers, 3U);
    EXPECT_EQ(figures.proxies[1].answers, 3U);
    EXPECT_EQ(server.connections(), one.asked() + two.asked());
}

TEST(client, X1_goes_on_through_another_proxy_when_one_is_dead) {
    http_server server = plain_server();
    faulty_proxy good;
    const dead_port dead;
    client_options options = quick({dead.url("http", "user:" + marker), good.url()});
    options.retries = 0;
    client web(options);
    std::vector<std::future<page>> pages;
    for (int i = 0; i < 10; ++i) pages.push_back(web.async_get(server.url()));
    for (auto& one : pages) EXPECT_EQ(one.get().body(), "/");
    EXPECT_EQ(web.figures().proxies.at(1).answers, 10U);
    EXPECT_GE(web.figures().proxies.at(0).faults, 1U);
}

TEST(client, X2_fails_without_a_usable_proxy_and_never_goes_directly) {
    http_server server = plain_server();
    faulty_proxy refuses(manner::refuses_login);
    const dead_port dead;
    client_options options = quick({dead.url("socks5h", "user:" + marker), refuses.url("http", "user:" + marker)});
    options.fetching.proxying.max_faults = 1;
    client web(options);
    for (int i = 0; i < 3; ++i) {
        const failure why = failure_of(web.async_get(server.url()));
        EXPECT_EQ(why.kind, error_kind::proxy) << why.reason;
        EXPECT_TRUE(is_proxy_error(why));
        EXPECT_FALSE(contains(why.proxy, marker)) << why.proxy;
        if (i == 0) continue;  // It has locked them out.
        EXPECT_TRUE(contains(why.reason, "all 2 are locked out, for at least")) << why.reason;
    }
    for (const proxy_figures& one : web.figures().proxies) EXPECT_FALSE(contains(one.proxy, marker)) << one.proxy;
    EXPECT_EQ(server.connections(), 0U);
}

}  // namespace
}  // namespace penstock::testing
