// Servers whose certificates, versions or ends are not as they should be.
#include "other_program.hpp"
#include "penstock/penstock.hpp"
#include "tests/account.hpp"
#include "tests/fetch/working_fetch.hpp"

namespace penstock::testing {
namespace {

fetch_options trusting() {
    fetch_options options = working_fetch::quick();
    options.ca_file = certificate("authority.pem");
    return options;
}

TEST(tls, a_certificate_of_a_trusted_authority_brings_a_page) {
    const other_program server(tls_server("good"));
    working_fetch work(trusting());
    for (const char* host : {"127.0.0.1", "localhost"}) {
        auto& item = work.get(server.url("/x", host));
        ASSERT_TRUE(has_page(item)) << item.why().reason;
        EXPECT_EQ(page_of(item).body(), "[GET]");
    }
}

TEST(tls, H13_a_certificate_that_is_not_to_be_trusted_is_one_failure_without_retries) {
    for (const char* name : {"self_signed", "expired", "other_host"}) {
        const other_program server(tls_server(name));
        working_fetch work(trusting());
        auto& item = work.get(server.url("/x"));
        EXPECT_EQ(item.why().kind, error_kind::request) << name;
        EXPECT_TRUE(contains(item.why().reason, "certificate not trusted")) << item.why().reason;
        EXPECT_EQ(item.attempts, 1U) << name;
        EXPECT_EQ(server.log("request").size(), 0U) << name;
    }
}

TEST(tls, H13_a_good_certificate_of_an_unknown_authority_is_refused) {
    const other_program server(tls_server("good"));
    working_fetch work;
    auto& item = work.get(server.url("/x"));
    EXPECT_EQ(item.why().kind, error_kind::request);
    EXPECT_EQ(item.attempts, 1U);
    EXPECT_EQ(server.log("request").size(), 0U);
}

TEST(tls, H13_an_old_version_is_one_failure_without_retries) {
    const other_program server(tls_server("good", {"--version", "1.1"}));
    working_fetch work(trusting());
    auto& item = work.get(server.url("/x"));
    EXPECT_EQ(item.why().kind, error_kind::request);
    EXPECT_TRUE(contains(item.why().reason, "TLS handshake failed")) << item.why().reason;
    EXPECT_EQ(item.attempts, 1U) << item.why().reason;
}

TEST(tls, H13_plain_text_on_a_port_for_TLS_is_one_failure_without_retries) {
    const other_program server(tls_server("good", {"--plain"}));
    working_fetch work(trusting());
    auto& item = work.get(server.url("/x"));
    EXPECT_EQ(item.why().kind, error_kind::request) << item.why().reason;
    EXPECT_EQ(item.attempts, 1U) << item.why().reason;
    EXPECT_EQ(server.log("connection").size(), 1U);
}

TEST(tls, H13_only_a_named_host_is_not_verified_and_that_is_counted) {
    const other_program server(tls_server("self_signed"));
    fetch_options options = trusting();
    options.insecure_skip_verify = {"LocalHost"};
    working_fetch work(options);
    auto& named = work.get(server.url("/x", "localhost"));
    ASSERT_TRUE(has_page(named)) << named.why().reason;
    EXPECT_EQ(work.figures().unverified, 1U);
    EXPECT_TRUE(work.get(server.url("/x")).has_failed());
    auto& led_away = work.get(server.url("/redirect/302?" + server.url("/there"), "localhost"));
    EXPECT_TRUE(led_away.has_failed()) << "verified again behind a redirect";
    EXPECT_TRUE(contains(led_away.why().reason, "not trusted")) << led_away.why().reason;
    EXPECT_EQ(work.figures().unverified, 2U);
    EXPECT_EQ(server.log("request").size(), 2U);
}

TEST(tls, a_secure_cookie_is_kept_over_TLS) {
    const other_program server(tls_server("good"));
    client_options options{.cookies = true};
    options.fetching = trusting();
    client web(options);
    (void)web.get(server.url("/cookie"));
    (void)web.get(server.url("/x"));
    EXPECT_TRUE(contains(server.log("request GET /x").at(0), "Cookie: s=marker"));
}

TEST(tls, H5_a_body_that_ends_without_close_notify_makes_no_row) {
    const other_program server(tls_server("good"));
    int rows = 0;
    pipeline job = from({server.url("/cut")}) | fetch(trusting())
                   | parse("/data", [](simdjson::ondemand::object o) { return std::int64_t(o["id"]); })
                   | serial("count", [&rows](const std::vector<std::int64_t>&) { ++rows; });
    const report done = settled_run(job, {});
    EXPECT_EQ(done.count(outcome::dead), 1U) << done;
    EXPECT_EQ(rows, 0);
}

}  // namespace
}  // namespace penstock::testing
