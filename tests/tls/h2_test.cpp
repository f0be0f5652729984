// Servers that speak HTTP/2 and end streams and connections as they like.
#include "other_program.hpp"
#include "tests/fetch/working_fetch.hpp"

namespace penstock::testing {
namespace {

class h2 : public ::testing::Test {
protected:
    static fetch_options trusting() {
        fetch_options options = working_fetch::quick();
        options.ca_file = certificate("authority.pem");
        return options;
    }
    request of(const std::string& method, const std::string& target) const {
        return {.url = server_.url(target), .method = method};
    }
    std::size_t arrivals(const std::string& method, const std::string& target) const {
        const auto lines = server_.log();
        return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
            return line.substr(sizeof "h2") == method + ' ' + target;
        }));
    }

    const other_program server_{{SCRIPTS "/h2_server.py", certificate("good.pem"), certificate("good.key"), "LOG"}};
    working_fetch work_{trusting()};
};

TEST_F(h2, is_spoken_where_the_server_offers_it) {
    auto& item = work_.get(server_.url("/well"));
    ASSERT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_EQ(page_of(item).body(), "0123456789");
    EXPECT_TRUE(page_of(item).head().starts_with("HTTP/2 200"));
    EXPECT_EQ(server_.log("h2 GET /well").size(), 1U);
}

TEST_F(h2, H14_a_get_gets_its_page_whatever_ends_its_first_stream) {
    for (const char* target : {"/goaway0", "/goaway", "/refused", "/middle", "/close"}) {
        auto& item = work_.get(server_.url(target));
        ASSERT_TRUE(has_page(item)) << target << item.why().reason;
        EXPECT_EQ(page_of(item).body(), "0123456789") << target;
        EXPECT_LE(arrivals("GET", target), 2U) << target;
    }
    EXPECT_TRUE(has_page(work_.get(server_.url("/well")))) << "also behind a GOAWAY";
}

TEST_F(h2, H14_a_get_whose_streams_always_end_is_dead_after_its_retries) {
    for (const char* target : {"/always-goaway0", "/always-refused", "/always-middle", "/always-close"}) {
        auto& item = work_.get(server_.url(target));
        ASSERT_TRUE(item.has_failed()) << target;
        EXPECT_TRUE(item.why().kind == error_kind::request || item.why().kind == error_kind::truncated)
            << item.why().reason;
        EXPECT_EQ(item.attempts, 3U) << target << item.why().reason;
        // libcurl has another try of its own where a stream was refused, or its connection was a kept one.
        EXPECT_LE(arrivals("GET", target), 3U * 7U) << target;
    }
}

TEST_F(h2, H14_a_body_that_is_cut_by_a_reset_makes_no_page) {
    auto& item = work_.get(server_.url("/always-middle"));
    EXPECT_FALSE(item.holds_value());
    EXPECT_TRUE(contains(item.why().reason, "not closed cleanly")) << item.why().reason;
}

TEST_F(h2, H14_a_post_arrives_at_most_once) {
    EXPECT_TRUE(has_page(work_.get(server_.url("/well"))));  // So that there is a connection to be kept.
    for (const char* target : {"/goaway0", "/refused", "/middle", "/close", "/always-close", "/well?1"}) {
        request asked = of("POST", target);
        asked.body = raw_body("x");
        auto& item = work_.get(asked);
        EXPECT_EQ(has_page(item), contains(target, "well")) << target;
        EXPECT_EQ(arrivals("POST", target), 1U) << target;
        EXPECT_EQ(item.attempts, 1U) << target;
    }
}

TEST_F(h2, H14_a_post_with_a_key_is_tried_again) {
    for (const char* target : {"/goaway0", "/refused", "/middle", "/close"}) {
        request asked = of("POST", target);
        asked.body = raw_body("x");
        asked.idempotency_key = "k";
        auto& item = work_.get(asked);
        EXPECT_TRUE(has_page(item)) << target << item.why().reason;
        EXPECT_EQ(server_.log(std::string("h2 POST ") + target).size(), 2U) << target;
    }
}

TEST_F(h2, a_retry_does_not_wait_on_the_connection_that_has_hung) {
    fetch_options options = trusting();
    options.timeout = std::chrono::milliseconds(1500);
    working_fetch work(options);
    EXPECT_TRUE(has_page(work.get(server_.url("/well"))));
    auto& item = work.get(server_.url("/hang"));
    ASSERT_TRUE(has_page(item)) << item.why().reason;
    EXPECT_EQ(item.attempts, 2U);
    EXPECT_EQ(arrivals("GET", "/hang"), 2U);
}

TEST_F(h2, H14_a_flood_of_pings_ends) {
    fetch_options options = trusting();
    options.timeout = std::chrono::seconds(3);
    working_fetch work(options);
    auto& item = work.get(server_.url("/pings"));
    // libcurl answers them all, or takes them for the attack that they are.
    EXPECT_TRUE(has_page(item) || item.has_failed()) << "it came back with nothing";
    auto& next = work.get(server_.url("/well"));
    // Behind the flood's answers, if its connection is kept: then the second attempt makes one of its own.
    EXPECT_TRUE(has_page(next)) << next.why().reason << " behind " << item.why().reason;
}

TEST_F(h2, H14_many_streams_of_one_connection_survive_its_goaway) {
    std::vector<penstock::detail::slot*> items;
    for (int i = 0; i < 40; ++i) {
        items.push_back(&work_.admit(server_.url((i % 10 == 0 ? "/goaway?" : "/well?") + std::to_string(i))));
    }
    ASSERT_EQ(work_.run.wait_for(items.size()).size(), items.size());
    for (auto* item : items) EXPECT_TRUE(has_page(*item)) << item->why().reason;
}

}  // namespace
}  // namespace penstock::testing
