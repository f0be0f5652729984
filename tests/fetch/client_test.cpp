// A client by itself, and a pipeline on its session.
#include "penstock/client.hpp"

#include <atomic>
#include <thread>

#include "penstock/blame.hpp"
#include "penstock/compose.hpp"
#include "penstock/errors.hpp"
#include "penstock/pipeline.hpp"
#include "penstock/sources/from.hpp"
#include "tests/account.hpp"
#include "tests/leftovers.hpp"
#include "tests/patience.hpp"
#include "working_fetch.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;

client_options quick() {
    client_options options{.timeout = 10s, .retries = 2};
    options.fetching = working_fetch::quick();
    return options;
}

/// Tells what it was asked; /login sets a cookie, /private wants it.
http_response answer(const http_request& asked) {
    if (asked.target == "/login") {
        http_response welcome = text("welcome");
        if (asked.body != "user=me&password=p%26w") return status(401);
        welcome.headers.emplace_back("Set-Cookie", "session=s1; Path=/; HttpOnly");
        return welcome;
    }
    if (asked.target.starts_with("/private")) {
        return asked.header("Cookie") == "session=s1" ? text("secret page") : status(403);
    }
    if (asked.target == "/404") return status(404);
    if (asked.target == "/slow") return {.delay = 60s};
    return text(asked.method + ' ' + asked.body);
}

failure failure_of(std::future<page> result) {
    try {
        (void)result.get();
    } catch (const call_failed& failed) {
        return failed.why();
    }
    return {.kind = error_kind::other, .reason = "it did not fail"};
}

TEST(client, gets_posts_puts_and_sends_anything) {
    http_server server(answer);
    client web(quick());
    EXPECT_EQ(web.get(server.url("/a")).body(), "GET ");
    EXPECT_EQ(web.post(server.url("/a"), form_body({{"a", "b c"}})).body(), "POST a=b+c");
    EXPECT_EQ(web.put(server.url("/a"), json_body("{}")).body(), "PUT {}");
    EXPECT_EQ(web.send({.url = server.url("/a"), .method = "DELETE"}).body(), "DELETE ");
    EXPECT_EQ(web.figures().pages, 4U);
}

TEST(client, gives_futures_for_many_calls_at_once) {
    http_server server([](const http_request& asked) {
        http_response late = text(asked.target);
        late.delay = 20ms;
        return late;
    });
    client web(quick());
    std::vector<std::future<page>> pages;
    for (int i = 0; i < 50; ++i) pages.push_back(web.async_get(server.url('/' + std::to_string(i))));
    for (int i = 0; i < 50; ++i) EXPECT_EQ(pages[static_cast<std::size_t>(i)].get().body(), '/' + std::to_string(i));
    EXPECT_GT(server.peak_concurrent_requests(), 1U);
}

TEST(client, throws_what_can_be_asked_who_is_to_blame) {
    http_server server(answer);
    client web(quick());
    const failure missing = failure_of(web.async_get(server.url("/404")));
    EXPECT_EQ(missing.kind, error_kind::bad_status);
    EXPECT_EQ(missing.status, 404);
    const failure blocked = failure_of(web.async_get(server.url("/private")));
    EXPECT_TRUE(is_blocked(blocked));
    EXPECT_EQ(failure_of(web.async_get("http://user:word@127.0.0.1/")).kind, error_kind::request);
    try {
        web.get(server.url("/404"));
        FAIL() << "it has a page";
    } catch (const call_failed& failed) {
        EXPECT_EQ(failed.attempts(), 1U);
        EXPECT_TRUE(contains(failed.what(), "bad_status: 404 from")) << failed.what();
    }
}

TEST(client, a_call_ends_with_its_time) {
    http_server server(answer);
    client_options options = quick();
    options.call_timeout = 100ms;
    client web(options);
    EXPECT_TRUE(is_timeout(failure_of(web.async_get(server.url("/slow")))));
}

TEST(client, keeps_cookies_only_when_told) {
    http_server server(answer);
    const request_body login = form_body({{"user", "me"}, {"password", "p&w"}});
    client forgetful(quick());
    (void)forgetful.post(server.url("/login"), login);
    EXPECT_TRUE(is_blocked(failure_of(forgetful.async_get(server.url("/private")))));
    client_options options = quick();
    options.cookies = true;
    client web(options);
    (void)web.post(server.url("/login"), login);
    EXPECT_EQ(web.get(server.url("/private")).body(), "secret page");
    web.reset_cookies();
    EXPECT_TRUE(is_blocked(failure_of(web.async_get(server.url("/private")))));
    web.set_cookie(server.url(), "session=s1");
    EXPECT_EQ(web.get(server.url("/private/2")).body(), "secret page");
    EXPECT_THROW(web.set_cookie(server.url(), "session=s1; Domain=other.example"), bad_option);
}

TEST(client, cookies_that_come_with_a_redirect_count_for_the_next_hop) {
    http_server server([](const http_request& asked) {
        if (asked.target == "/private") return answer(asked);
        http_response to = redirect(302, "/private");
        to.headers.emplace_back("Set-Cookie", "session=s1; Path=/");
        return to;
    });
    client_options options = quick();
    options.cookies = true;
    client web(options);
    EXPECT_EQ(web.get(server.url("/enter")).body(), "secret page");
}

TEST(client, H11_what_a_session_keeps_stays_with_its_origin) {
    const std::string marker = "hunter2-marker";
    http_server other([](const http_request&) { return text("x"); });
    http_server server([&](const http_request& asked) {
        http_response to = asked.target == "/set" ? text("x") : redirect(307, other.url("/there"));
        to.headers.emplace_back("Set-Cookie", "session=" + marker + "; Path=/");
        return to;
    });
    client_options options = quick();
    options.cookies = true;
    options.auth = bearer_auth(marker);
    options.headers = {{"X-API-Key", marker}, {"Accept", "a/b"}};
    client web(options);
    (void)web.get(server.url("/set"));
    (void)web.get(server.url("/away"));
    EXPECT_EQ(server.log().at(1).header("Cookie"), "session=" + marker);
    EXPECT_EQ(server.log().at(1).header("Authorization"), "Bearer " + marker);
    ASSERT_EQ(other.requests(), 1U);
    const http_request there = other.log()[0];
    for (const auto& [name, value] : there.headers) EXPECT_FALSE(contains(value, marker)) << name;
    EXPECT_EQ(there.header("Accept"), "a/b");
}

TEST(client, headers_and_auth_can_be_changed_and_reset) {
    http_server server(answer);
    client_options options = quick();
    options.headers = {{"X-One", "1"}};
    client web(options);
    const auto sent = [&](std::string_view name) {
        (void)web.get(server.url());
        return std::string(server.log().back().header(name).value_or("none"));
    };
    EXPECT_EQ(sent("X-One"), "1");
    web.set_header("x-one", "2");
    EXPECT_EQ(sent("X-One"), "2");
    web.set_headers({{"X-Two", "2"}});
    EXPECT_EQ(sent("X-One"), "none");
    web.reset_headers();
    EXPECT_EQ(sent("X-One"), "1");
    EXPECT_EQ(sent("Authorization"), "none");
    web.set_auth(basic_auth("u", "p"));
    EXPECT_EQ(sent("Authorization"), "Basic dTpw");
    (void)web.send({.url = server.url(), .auth = bearer_auth("own")});
    EXPECT_EQ(server.log().back().header("Authorization"), "Bearer own");
    web.reset_auth();
    EXPECT_EQ(sent("Authorization"), "none");
}

/// With what words something is refused.
template <class Attempt>
std::string said(Attempt&& attempt) {
    try {
        attempt();
    } catch (const bad_option& refused) {
        return refused.what();
    }
    return "taken: marker";
}

TEST(client, H12_tells_a_header_whose_name_is_none_by_its_place) {
    client web(quick());
    for (const char* name : {"Authorization: Bearer marker", "marker\n", "marker@example"}) {
        const std::string among_others = said([&] { client({.headers = {{"Accept", "a"}, {name, "x"}}}); });
        EXPECT_TRUE(contains(among_others, "client: header 2 has a character in its name")) << among_others;
        const std::string alone = said([&] { web.set_header(name, "x"); });
        EXPECT_TRUE(contains(alone, "client: header 1 has a character in its name")) << alone;
        for (const std::string& message : {among_others, alone}) EXPECT_FALSE(contains(message, "marker")) << message;
    }
}

TEST(client, H12_refuses_what_would_break_a_request_without_showing_it) {
    client web(quick());
    for (const std::string& message :
         {said([&] { web.set_header("X-Key", "marker\r\nX: y"); }), said([&] { web.set_header("Host", "marker"); }),
          said([&] { web.set_auth(bearer_auth("marker\n")); }), said([] {
              client({.headers = {{"X-Key", "marker\n"}}});
          }),
          said([] { client({.auth = bearer_auth("marker\n")}); })})
        EXPECT_FALSE(contains(message, "marker")) << message;
    EXPECT_THROW(client({.call_timeout = 0ms}), bad_option);
    EXPECT_THROW(client({.retries = 1000}), bad_option);
}

TEST(client, serves_many_threads) {
    http_server server(answer);
    client_options options = quick();
    options.cookies = true;
    client web(options);
    std::atomic<int> pages = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, i] {
            for (int j = 0; j < 25; ++j) {
                if (i == 0) web.set_header("X-Turn", std::to_string(j));
                if (i == 1) web.set_auth(basic_auth("u", std::to_string(j)));
                if (i == 2) web.set_cookie(server.url(), "turn=" + std::to_string(j));
                pages += web.get(server.url("/" + std::to_string(i))).status() == 200;
            }
        });
    }
    for (std::thread& one : threads) one.join();
    EXPECT_EQ(pages, 200);
}

TEST(client, ends_at_once_and_leaves_no_call_open) {
    http_server server(answer);
    std::vector<std::future<page>> open;
    std::chrono::steady_clock::time_point began;
    {
        client web(quick());
        (void)web.get(server.url());
        for (int i = 0; i < 20; ++i) open.push_back(web.async_get(server.url("/slow")));
        (void)web.async_get(server.url("/slow"));  // Nobody waits for this one.
        began = std::chrono::steady_clock::now();
    }
    EXPECT_LT(std::chrono::steady_clock::now() - began, promptly);
    for (auto& one : open) {
        ASSERT_EQ(one.wait_for(0s), std::future_status::ready);
        EXPECT_EQ(failure_of(std::move(one)).kind, error_kind::other);
    }
}

TEST(client, leaves_nothing_behind) {
    http_server server(answer);
    leftovers before;
    {
        client unused(quick());
        client web(quick());
        (void)web.get(server.url());
        (void)failure_of(web.async_get("http://127.0.0.1:1/"));
    }
    EXPECT_TRUE(before.none());
}

TEST(client, a_pipeline_runs_on_its_session) {
    http_server server(answer);
    client_options options = quick();
    options.cookies = true;
    options.auth = basic_auth("u", "p");
    client web(options);
    (void)web.post(server.url("/login"), form_body({{"user", "me"}, {"password", "p&w"}}));
    std::vector<std::string> urls;
    for (int i = 0; i < 20; ++i) urls.push_back(server.url("/private/" + std::to_string(i)));
    int pages = 0;
    pipeline job =
        from(urls) | fetch(web) | serial("count", [&pages](const page& one) { pages += one.body() == "secret page"; });
    const report done = settled_run(job);
    EXPECT_TRUE(done.clean()) << done;
    EXPECT_EQ(pages, 20);
    EXPECT_EQ(server.log().back().header("Authorization"), "Basic dTpw");
    EXPECT_EQ(done.figures.fetch.pages, 20U);
    EXPECT_EQ(web.figures().pages, 1U);
}

TEST(client, cookies_that_a_pipeline_gets_are_the_clients) {
    http_server server(answer);
    client_options options = quick();
    options.cookies = true;
    client web(options);
    const request login{
        .url = server.url("/login"), .method = "POST", .body = form_body({{"user", "me"}, {"password", "p&w"}})};
    pipeline job = from({login}) | fetch(web) | serial("drop", [](const page&) {});
    EXPECT_TRUE(settled_run(job).clean());
    EXPECT_EQ(web.get(server.url("/private")).body(), "secret page");
}

}  // namespace
}  // namespace penstock::testing
