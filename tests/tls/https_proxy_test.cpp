// Proxies to which the way itself is encrypted.
#include "other_program.hpp"
#include "tests/proxies/proxied_fetch.hpp"

namespace penstock::testing {
namespace {

using penstock::detail::read;

const std::string login = "user:hunter2-marker";

/// A good proxy behind TLS.
struct secured_proxy {
    explicit secured_proxy(const std::string& name = "good")
        : front({SCRIPTS "/tls_front.py", certificate(name + ".pem"), certificate(name + ".key"), "LOG",
                 std::to_string(proxy.port())}) {}

    fetch_options options() const {
        fetch_options chosen = through({"https://" + login + "@127.0.0.1:" + front.port()});
        chosen.ca_file = certificate("authority.pem");
        return chosen;
    }

    faulty_proxy proxy;
    other_program front;
};

TEST(an_https_proxy, brings_pages_with_and_without_a_tunnel_over_kept_connections) {
    http_server plain = plain_server();
    const other_program secure(tls_server("good"));
    for (const bool tunnel : {true, false}) {
        const secured_proxy way;
        fetch_options options = way.options();
        options.proxying.tunnel = tunnel;
        working_fetch work(options);
        for (int i = 0; i < 3; ++i) {
            for (const std::string& url : {plain.url("/x"), secure.url("/x")}) {
                auto& item = work.get(url);
                ASSERT_TRUE(has_page(item)) << item.why().reason;
            }
        }
        EXPECT_EQ(way.front.log("handshake TLSv1.3").size(), 2U);
        for (const auto& made : way.proxy.tunnels()) EXPECT_EQ(made.user, login);
        EXPECT_EQ(read(figures_of(work).answers), 6U);
    }
}

TEST(an_https_proxy, H13_whose_certificate_is_not_to_be_trusted_is_at_fault_and_gets_no_login) {
    http_server server = plain_server();
    for (const char* name : {"self_signed", "expired", "other_host"}) {
        for (const bool tunnel : {true, false}) {
            const secured_proxy way(name);
            fetch_options options = way.options();
            options.proxying.tunnel = tunnel;
            options.insecure_skip_verify = {"127.0.0.1"};  // Of targets.
            working_fetch work(options);
            auto& item = work.get(server.url("/x"));
            ASSERT_TRUE(item.has_failed()) << name;
            EXPECT_EQ(item.why().kind, error_kind::proxy) << item.why().reason;
            EXPECT_TRUE(contains(item.why().reason, "no TLS with the proxy")) << item.why().reason;
            EXPECT_FALSE(contains(item.why().reason, "marker")) << item.why().reason;
            EXPECT_EQ(way.proxy.asked(), 0U) << name;
        }
    }
    EXPECT_EQ(server.connections(), 0U);
}

TEST(an_https_proxy, that_speaks_no_TLS_is_at_fault_as_a_whole) {
    http_server server = plain_server();
    const other_program speechless(tls_server("good", {"--plain"}));
    fetch_options options = through({"https://127.0.0.1:" + speechless.port()});
    options.proxying.max_faults = 1;
    for (const bool tunnel : {true, false}) {
        options.proxying.tunnel = tunnel;
        working_fetch work(options);
        auto& item = work.get(server.url("/x"));
        EXPECT_EQ(item.why().kind, error_kind::proxy) << item.why().reason;
        EXPECT_TRUE(contains(item.why().reason, "no TLS with the proxy")) << item.why().reason;
        EXPECT_EQ(item.attempts, 1U);  // None is left for any target.
    }
}

TEST(an_https_proxy, X6_gives_each_session_a_tunnel_of_its_own) {
    const other_program server(tls_server("good"));
    const secured_proxy way;
    fetch_options options = way.options();
    options.proxies = {"https://user-{session}:secret@127.0.0.1:" + way.front.port()};
    working_fetch work(options);
    for (const char* key : {"a", "b", "a", "b"}) {
        auto& item = work.get({.url = server.url("/x"), .proxy_key = key});
        ASSERT_TRUE(has_page(item)) << item.why().reason;
    }
    ASSERT_EQ(way.proxy.asked(), 2U);
    EXPECT_NE(way.proxy.tunnels()[0].user, way.proxy.tunnels()[1].user);
}

}  // namespace
}  // namespace penstock::testing
