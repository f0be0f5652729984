// H22, H23: the breaker on real connections.
#include <atomic>

#include "proxied_fetch.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using penstock::detail::read;

class a_breaker : public ::testing::Test {
protected:
    fetch_options options(std::vector<proxy> proxies) {
        fetch_options chosen = through(std::move(proxies));
        chosen.retries = 0;
        chosen.breaker.open_for = 200ms;
        return chosen;
    }
    std::uint64_t opened(working_fetch& work) { return read(work.run.metrics().proxies.breaker_opened); }

    std::atomic<bool> down_{true};
    http_server server_{[this](const http_request&) { return down_ ? status(500) : text("x"); }};
    faulty_proxy one_;
    faulty_proxy two_;
};

TEST_F(a_breaker, H22_stays_closed_when_a_target_fails_through_one_proxy_only) {
    working_fetch work(options({one_.url()}));
    for (int i = 0; i < 5; ++i) EXPECT_EQ(work.get(server_.url()).attempts, 1U);
    EXPECT_EQ(server_.requests(), 5U);
    EXPECT_EQ(opened(work), 0U);
}

TEST_F(a_breaker, H23_opens_fails_fast_and_closes_with_one_probe) {
    fetch_options chosen = options({one_.url(), two_.url()});
    chosen.breaker.open_for = 1s;
    working_fetch work(chosen);
    const auto before = std::chrono::steady_clock::now();
    for (int i = 0; i < 3; ++i) (void)work.get(server_.url());
    EXPECT_EQ(server_.requests(), 3U);
    EXPECT_EQ(opened(work), 1U);
    EXPECT_TRUE(work.run.metrics().proxies.is_unhealthy(penstock::detail::target_of(server_.url("/any?x"))));
    auto& fast = work.get(server_.url());
    // Had it come that late, it might have been a probe.
    if (std::chrono::steady_clock::now() - before < chosen.breaker.open_for) {
        EXPECT_EQ(fast.attempts, 0U);
        EXPECT_EQ(fast.why().kind, error_kind::bad_status);
        EXPECT_EQ(fast.why().status, 500);
        EXPECT_TRUE(contains(fast.why().reason, "taken for dead")) << fast.why().reason;
        EXPECT_EQ(server_.requests(), 3U);
    }
    const std::size_t asked = server_.requests();
    down_ = false;
    const auto patience = std::chrono::steady_clock::now() + 30s;
    while (!has_page(work.get(server_.url())) && std::chrono::steady_clock::now() < patience)
        std::this_thread::sleep_for(10ms);  // Each of them is an item.
    EXPECT_FALSE(work.run.metrics().proxies.is_unhealthy(penstock::detail::target_of(server_.url())));
    EXPECT_EQ(server_.requests(), asked + 1);
    EXPECT_TRUE(has_page(work.get(server_.url())));
}

TEST_F(a_breaker, H23_holds_items_until_a_single_probe_has_gone_well) {
    fetch_options chosen = options({one_.url(), two_.url()});
    chosen.breaker.items = breaker_options::when_open::hold;
    chosen.parked_share = 1;
    working_fetch work(chosen);
    for (int i = 0; i < 3; ++i) (void)work.get(server_.url());
    ASSERT_EQ(opened(work), 1U);
    down_ = false;
    for (int i = 0; i < 20; ++i) work.admit(server_.url());
    const auto back = work.run.wait_for(23);
    ASSERT_EQ(back.size(), 23U);
    for (std::size_t i = 3; i < 23; ++i) EXPECT_TRUE(has_page(*back[i])) << back[i]->why().reason;
    EXPECT_EQ(opened(work), 1U);
}

TEST_F(a_breaker, H23_sends_one_probe_at_a_time_to_a_target_that_stays_down) {
    fetch_options chosen = options({one_.url(), two_.url()});
    chosen.breaker.items = breaker_options::when_open::hold;
    chosen.breaker.open_for = 300ms;
    chosen.parked_share = 1;
    working_fetch work(chosen, {.item_timeout = 2s});
    for (int i = 0; i < 3; ++i) (void)work.get(server_.url());
    std::vector<penstock::detail::slot*> items;
    for (int i = 0; i < 20; ++i) items.push_back(&work.run.make({.url = server_.url()}));
    for (auto* const item : items) {
        item->admitted = items[0]->admitted;  // So that their time is over at once.
        work.feed->submit(*item);
    }
    const auto back = work.run.wait_for(23);
    ASSERT_EQ(back.size(), 23U);
    // Each of them is dead of a probe that failed, or of its time.
    EXPECT_LE(server_.requests(), 3U + 7U);
    EXPECT_LE(opened(work), server_.requests() - 2U);
    EXPECT_GE(opened(work), server_.requests() - 3U);  // The last probe may have run out of its item's time.
    EXPECT_TRUE(contains(back[22]->why().reason, "is taken for dead")) << back[22]->why().reason;
}

TEST_F(a_breaker, holds_no_more_items_than_the_parked_share) {
    fetch_options chosen = options({one_.url(), two_.url()});
    chosen.breaker.items = breaker_options::when_open::hold;
    chosen.breaker.open_for = 24h;
    chosen.parked_share = 0.05;  // 3 of 64.
    working_fetch work(chosen);
    for (int i = 0; i < 3; ++i) (void)work.get(server_.url());
    for (int i = 0; i < 10; ++i) work.admit(server_.url());
    EXPECT_EQ(work.run.wait_for(10).size(), 10U);
    work.feed->stop();
    const auto back = work.run.wait_for(13);
    ASSERT_EQ(back.size(), 13U);
    EXPECT_FALSE(back[12]->has_failed());  // Given back, to be settled as abandoned.
}

TEST_F(a_breaker, counts_under_the_name_that_a_request_gives) {
    http_server other([](const http_request&) { return status(500); });
    working_fetch work(options({one_.url(), two_.url()}));
    (void)work.get({.url = server_.url(), .target = "site"});
    (void)work.get({.url = other.url(), .target = "site"});
    (void)work.get({.url = server_.url(), .target = "site"});
    EXPECT_TRUE(work.run.metrics().proxies.is_unhealthy("site"));
    EXPECT_FALSE(work.run.metrics().proxies.is_unhealthy(penstock::detail::target_of(server_.url())));
}

TEST_F(a_breaker, takes_the_direct_line_for_one_proxy) {
    fetch_options chosen = working_fetch::quick();
    chosen.retries = 0;
    {
        working_fetch work(chosen);
        for (int i = 0; i < 5; ++i) (void)work.get(server_.url());
        EXPECT_EQ(opened(work), 0U);
    }
    chosen.breaker.min_distinct_proxies = 1;
    working_fetch work(chosen);
    for (int i = 0; i < 3; ++i) (void)work.get(server_.url());
    EXPECT_EQ(opened(work), 1U);
}

}  // namespace
}  // namespace penstock::testing
