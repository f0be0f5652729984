// What crosses from one origin to another with a redirect: nothing that could be a secret.
#include "other_program.hpp"
#include "tests/fetch/working_fetch.hpp"

namespace penstock::testing {
namespace {

const std::string marker = "hunter2-marker";

/// From an origin over TLS to one that differs in its host, its port or its scheme.
class redirect_matrix : public ::testing::Test {
protected:
    static fetch_options trusting() {
        fetch_options options = working_fetch::quick();
        options.ca_file = certificate("authority.pem");
        options.headers = {{"X-Default-Key", marker}};
        return options;
    }

    /// A request with every secret that there is, but a body.
    request secretive(const std::string& method, int status, const std::string& to) const {
        return {.url = here_.url("/redirect/" + std::to_string(status) + '?' + to),
                .method = method,
                .headers = {{"Cookie", "session=" + marker}, {"X-API-Key", marker}, {"X-Custom", marker}},
                .auth = bearer_auth(marker),
                .idempotency_key = marker};
    }

    /// What has come to another origin. The secrets are in what came to the first.
    std::vector<std::string> arrived() const {
        std::vector<std::string> lines = port_.log("request");
        for (std::string& line : here_.log("request")) {
            if (contains(line, "Host: localhost")) lines.push_back(std::move(line));
        }
        return lines;
    }
    std::vector<std::string> elsewhere() const {
        return {port_.url("/there"), here_.url("/there", "localhost"), port_.url("/there", "localhost")};
    }

    const other_program here_{tls_server("good")};
    const other_program port_{tls_server("good")};
    http_server plain_{[](const http_request&) { return text("x"); }};
    working_fetch work_{trusting()};
};

TEST_F(redirect_matrix, H11_no_secret_goes_to_another_host_or_port) {
    std::size_t there = 0;
    for (const char* method : {"GET", "PUT", "DELETE", "POST"}) {
        for (const int status : {301, 302, 303, 307, 308}) {
            // A body that stays with its request has a test of its own.
            if ((status > 303 && std::string(method) == "POST") || std::string(method) == "PUT") continue;
            for (const std::string& to : elsewhere()) {
                auto& item = work_.get(secretive(method, status, to));
                ASSERT_TRUE(has_page(item)) << item.why().reason;
                ++there;
            }
        }
    }
    EXPECT_EQ(arrived().size(), there);
    for (const std::string& line : arrived()) {
        EXPECT_FALSE(contains(line, marker)) << line;
        EXPECT_FALSE(contains(line, "s=marker")) << line;
    }
    const auto home = here_.log("request GET /redirect");
    ASSERT_FALSE(home.empty());
    for (const char* field : {"Authorization: Bearer ", "Cookie: session=", "X-API-Key: ", "Idempotency-Key: "}) {
        EXPECT_TRUE(contains(home.front(), field + marker)) << field;
    }
}

TEST_F(redirect_matrix, H11_a_body_does_not_go_to_another_host_or_port) {
    std::size_t refusals = 0;
    for (const auto& [method, status] : {std::pair("POST", 307), {"POST", 308}, {"PUT", 301}, {"PATCH", 302}}) {
        for (const std::string& to : elsewhere()) {
            request asked = secretive(method, status, to);
            asked.body = raw_body(marker);
            auto& item = work_.get(asked);
            EXPECT_EQ(item.why().kind, error_kind::redirect) << item.why().reason;
            EXPECT_EQ(item.attempts, 1U);
            EXPECT_FALSE(contains(item.why().reason, marker)) << item.why().reason;
            ++refusals;
        }
    }
    EXPECT_EQ(refusals, 12U);
    EXPECT_EQ(arrived().size(), 0U);
}

TEST_F(redirect_matrix, H11_a_body_that_is_dropped_on_the_way_takes_nothing_along) {
    for (const int status : {301, 302, 303}) {
        request asked = secretive("POST", status, port_.url("/there"));
        asked.body = json_body(marker);
        auto& item = work_.get(asked);
        ASSERT_TRUE(has_page(item)) << item.why().reason;
        EXPECT_EQ(page_of(item).body(), "[GET]");
    }
    for (const std::string& line : arrived()) {
        for (const char* field : {"Content-Type", "Content-Length", marker.c_str()}) {
            EXPECT_FALSE(contains(line, field)) << line;
        }
    }
}

TEST_F(redirect_matrix, H11_a_body_goes_on_alone_when_that_is_asked_for) {
    fetch_options options = trusting();
    options.resend_bodies = true;
    working_fetch work(options);
    request asked = secretive("POST", 307, port_.url("/there"));
    asked.body = json_body("{}");
    auto& item = work.get(asked);
    ASSERT_TRUE(has_page(item)) << item.why().reason;
    ASSERT_EQ(arrived().size(), 1U);
    EXPECT_TRUE(arrived()[0].ends_with("| {}")) << arrived()[0];
    EXPECT_TRUE(contains(arrived()[0], "application/json")) << arrived()[0];
    EXPECT_FALSE(contains(arrived()[0], marker)) << arrived()[0];
}

TEST_F(redirect_matrix, H11_nothing_goes_from_https_to_http) {
    for (const char* method : {"GET", "POST"}) {
        for (const int status : {301, 302, 303, 307, 308}) {
            auto& item = work_.get(secretive(method, status, plain_.url("/there")));
            EXPECT_EQ(item.why().kind, error_kind::redirect) << item.why().reason;
            EXPECT_EQ(item.attempts, 1U);
        }
    }
    EXPECT_EQ(plain_.connections(), 0U);
}

TEST_F(redirect_matrix, H11_a_target_with_a_password_is_not_followed_nor_is_one_asked_for) {
    for (const std::string& to : elsewhere()) {
        const auto with = [&](const std::string& password) {
            return std::string(to).insert(sizeof "https://" - 1, "user:" + password + '@');
        };
        for (const std::string& url : {here_.url("/redirect/302?" + with("PASSWORD")), with(marker)}) {
            auto& item = work_.get(url);
            ASSERT_TRUE(item.has_failed());
            EXPECT_FALSE(contains(item.why().reason, marker)) << item.why().reason;
        }
    }
    EXPECT_EQ(arrived().size(), 0U);
}

}  // namespace
}  // namespace penstock::testing
