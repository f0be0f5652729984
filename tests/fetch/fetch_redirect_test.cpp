#include "working_fetch.hpp"

namespace penstock::testing {
namespace {

TEST(fetch_redirect, a_redirect_leads_to_the_page) {
    http_server server([](const http_request& asked) {
        return asked.target.starts_with("/page") ? text("x") : redirect(301, asked.target == "/a" ? "b" : "/page");
    });
    working_fetch work;
    auto& item = work.get(server.url("/a"));
    ASSERT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_EQ(page_of(item).url(), server.url("/page"));
    EXPECT_EQ(item.attempts, 1U);
    EXPECT_EQ(server.connections(), 1U);
    auto& next = work.get(server.url("/page?again"));
    EXPECT_EQ(server.log().back().target, "/page?again") << next.why().reason;
}

TEST(fetch_redirect, H10_a_loop_ends_at_the_limit) {
    http_server server([](const http_request&) { return redirect(302, "/"); });
    working_fetch work;
    auto& item = work.get(server.url());
    EXPECT_EQ(item.why().kind, error_kind::redirect) << item.why().reason;
    EXPECT_EQ(server.requests(), 6U);
    EXPECT_EQ(item.attempts, 1U);
}

TEST(fetch_redirect, H10_other_schemes_are_not_followed) {
    for (const char* to : {"file:///etc/passwd", "ftp://127.0.0.1/", "data:text/plain,x", "gopher://127.0.0.1/",
                           "javascript:alert(1)", "http://u:secret@127.0.0.1/"}) {
        http_server server([&](const http_request&) { return redirect(302, to); });
        working_fetch work;
        auto& item = work.get(server.url());
        EXPECT_EQ(item.why().kind, error_kind::redirect) << to;
        EXPECT_FALSE(contains(item.why().reason, "secret"));
        EXPECT_EQ(server.requests(), 1U);
    }
}

TEST(fetch_redirect, a_redirect_without_target_is_a_bad_status) {
    http_server server([](const http_request&) { return status(302); });
    working_fetch work;
    EXPECT_EQ(work.get(server.url()).why().kind, error_kind::bad_status);
}

TEST(fetch_redirect, H11_secrets_stay_with_their_origin) {
    http_server other([](const http_request&) { return text("x"); });
    http_server server([&](const http_request& asked) {
        return redirect(307, asked.target == "/away" ? other.url("/there") : "/away");
    });
    fetch_options options = working_fetch::quick();
    options.headers = {{"X-API-Key", "secret"}, {"Accept", "a/b"}};
    working_fetch work(options);
    auto& item = work.get({.url = server.url("/"), .headers = {{"Authorization", "secret"}, {"Cookie", "secret"}}});
    ASSERT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_EQ(server.log().at(1).header("X-API-Key"), "secret");
    EXPECT_EQ(server.log().at(1).header("Cookie"), "secret");
    const http_request there = other.log().at(0);
    EXPECT_FALSE(there.headers.empty());
    for (const auto& [name, value] : there.headers) EXPECT_NE(value, "secret") << name;
    EXPECT_EQ(there.header("Accept"), "a/b");

    work.get(server.url("/again"));
    EXPECT_EQ(server.log().at(2).header("X-API-Key"), "secret");
    EXPECT_EQ(server.log().at(2).header("Cookie"), std::nullopt);
}

TEST(fetch_redirect, H11_each_secret_stays_at_home_whatever_of_the_origin_changes) {
    http_server other([](const http_request&) { return text("x"); });
    http_server server([](const http_request& asked) {
        if (asked.target.starts_with("/there")) return text("x");
        http_response answer =
            redirect(asked.target.starts_with("/308") ? 308 : 302, asked.target.substr(asked.target.find('?') + 1));
        answer.headers.emplace_back("Set-Cookie", "session=marker; Path=/");
        return answer;
    });
    const std::string another_host = "http://localhost:" + std::to_string(server.port());
    working_fetch work;
    std::size_t there = 0;
    for (const std::string& to : {other.url("/there"), another_host + "/there"}) {
        for (const char* code : {"/302?", "/308?"}) {
            for (const char* name : {"Authorization", "Cookie", "X-API-Key", "X-Custom"}) {
                auto& item = work.get({.url = server.url(code + to), .headers = {{name, "marker"}}});
                ASSERT_TRUE(has_page(item)) << item.why().reason;
                ++there;
            }
        }
    }
    auto arrived = other.log();
    for (const http_request& asked : server.log()) {
        if (asked.target.starts_with("/there")) arrived.push_back(asked);
    }
    EXPECT_EQ(arrived.size(), there);
    for (const http_request& asked : arrived) {
        for (const auto& [name, value] : asked.headers) EXPECT_FALSE(contains(value, "marker")) << name;
    }
}

TEST(fetch_redirect, H11_a_get_with_a_body_goes_on_without_it_after_a_303_and_with_it_after_a_302) {
    http_server other([](const http_request& asked) { return text(asked.body); });
    http_server server([&](const http_request& asked) {
        if (asked.target == "/there") return text(asked.body);
        return redirect(asked.target == "/302" ? 302 : 303, asked.target == "/away" ? other.url("/there") : "/there");
    });
    working_fetch work;
    const auto body_that_arrives = [&](const char* path) {
        auto& item = work.get({.url = server.url(path), .body = json_body("{}")});
        EXPECT_TRUE(has_page(item)) << item.why().reason;
        return has_page(item) ? std::string(page_of(item).body()) : "no page";
    };
    EXPECT_EQ(body_that_arrives("/302"), "{}");
    EXPECT_EQ(server.log().back().header("Content-Type"), "application/json");
    EXPECT_EQ(body_that_arrives("/303"), "");
    EXPECT_EQ(server.log().back().header("Content-Type"), std::nullopt);
    EXPECT_EQ(body_that_arrives("/away"), "");
    ASSERT_EQ(other.requests(), 1U);
    EXPECT_EQ(other.log().back().header("Content-Type"), std::nullopt);
}

/// Asks a server that sends on to another origin to POST with a key, which does not go there.
penstock::detail::slot& pay_elsewhere(working_fetch& work, const http_server& server) {
    return work.get(
        {.url = server.url("/pay"), .method = "POST", .body = raw_body("1"), .idempotency_key = "order-17"});
}

TEST(fetch_redirect, H15_a_post_that_goes_to_another_origin_without_its_key_is_sent_once) {
    http_server other([](const http_request&) { return status(503); });
    http_server server([&](const http_request&) { return redirect(307, other.url("/there")); });
    fetch_options options = working_fetch::quick();
    options.resend_bodies = true;
    working_fetch work(options);
    auto& item = pay_elsewhere(work, server);
    EXPECT_EQ(item.attempts, 1U);
    EXPECT_TRUE(contains(item.why().reason, "to another origin without its idempotency_key")) << item.why().reason;
    ASSERT_EQ(other.requests(), 1U);
    EXPECT_EQ(other.log().at(0).header("Idempotency-Key"), std::nullopt);
}

TEST(fetch_redirect, H15_nor_does_libcurl_send_it_again_by_itself) {
    // A connection dies at its second request.
    http_server other([](const http_request& asked) {
        http_response answer = text("x");
        if (asked.ordinal > 1) answer.cut_head_after = 0;
        return answer;
    });
    http_server server([&](const http_request&) { return redirect(307, other.url("/there")); });
    fetch_options options = working_fetch::quick();
    options.resend_bodies = true;
    working_fetch work(options);
    ASSERT_TRUE(has_page(work.get(other.url("/"))));
    auto& item = pay_elsewhere(work, server);
    EXPECT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_EQ(other.requests("/there"), 1U);
}

TEST(fetch_redirect, H15_what_it_leads_on_to_is_not_sent_again_either) {
    http_server last([](const http_request&) { return status(503); });
    http_server other([&](const http_request&) { return redirect(303, last.url("/done")); });
    http_server server([&](const http_request&) { return redirect(307, other.url("/there")); });
    fetch_options options = working_fetch::quick();
    options.resend_bodies = true;
    working_fetch work(options);
    EXPECT_EQ(pay_elsewhere(work, server).attempts, 1U);
    EXPECT_EQ(other.requests(), 1U);
}

TEST(fetch_redirect, H15_a_put_is_repeated_at_another_origin_too) {
    http_server other([](const http_request& asked) { return asked.ordinal < 3 ? status(503) : text("x"); });
    http_server server([&](const http_request&) { return redirect(307, other.url("/there")); });
    fetch_options options = working_fetch::quick();
    options.resend_bodies = true;
    working_fetch work(options);
    auto& item = work.get({.url = server.url("/x"), .method = "PUT", .body = raw_body("1")});
    EXPECT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_EQ(other.requests("/there"), 3U);
}

TEST(fetch_redirect, all_hops_share_the_time_of_one_attempt) {
    using namespace std::chrono_literals;
    http_server server([](const http_request&) {
        http_response answer = redirect(302, "/");
        answer.delay = 60ms;
        return answer;
    });
    fetch_options options = working_fetch::quick();
    options.timeout = 150ms;
    options.retries = 0;
    working_fetch work(options);
    EXPECT_EQ(work.get(server.url()).why().kind, error_kind::timeout);
    EXPECT_LE(server.requests(), 3U);
}

}  // namespace
}  // namespace penstock::testing
