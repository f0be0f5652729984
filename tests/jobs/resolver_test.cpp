// Names that are slow to resolve. The program has a getaddrinfo of its own, which libcurl's resolver calls.
#include <gtest/gtest.h>
#include <netdb.h>

#include <atomic>
#include <chrono>
#include <stop_token>
#include <thread>

#include "job_fixture.hpp"
#include "tests/fetch/working_fetch.hpp"
#include "tests/patience.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;

namespace {

std::atomic<int> resolving{0};
std::atomic<bool> released{false};

/// True once it holds; false if it does not within a while.
template <class Holds>
bool soon(Holds holds) {
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (!holds() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return holds();
}

}  // namespace

/// A resolver that does not answer until it is released, and then knows no name.
extern "C" int getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**) {
    ++resolving;
    (void)soon([] { return released.load(); });
    --resolving;
    return EAI_NONAME;
}

namespace {

class resolver : public ps::testing::job_fixture {
protected:
    resolver() { released = false; }
    ~resolver() override {
        released = true;
        EXPECT_TRUE(soon([] { return resolving == 0; }));  // What outlived the run has ended as well.
    }

    /// Runs a job on names that nobody resolves, and cuts it once the first is being asked for.
    ps::report cut(std::stop_source& by, ps::run_options options) {
        const std::jthread cutter([&] {
            EXPECT_TRUE(soon([] { return resolving > 0; }));
            began_ = std::chrono::steady_clock::now();
            by.request_stop();
        });
        options.item_timeout = 60s;
        ps::pipeline job = ps::from(std::vector<std::string>(5, "http://slow.example/")) | ps::fetch({.timeout = 60s})
                           | ps::parallel("row",
                                          [](const ps::page&) {
                                              return record{1, "x"};
                                          })
                           | ps::store(target(), records(), {.create_table = true});
        const ps::report done = ps::testing::settled_run(job, options);
        took_ = std::chrono::steady_clock::now() - began_;
        return done;
    }

    using record = ps::testing::record;
    std::chrono::steady_clock::time_point began_{};
    std::chrono::steady_clock::duration took_{};
};

TEST_F(resolver, O3_a_stop_while_a_name_is_resolved_waits_for_the_drain_only) {
    std::stop_source stop;
    const ps::report done = cut(stop, {.drain_timeout = 100ms, .stop = stop.get_token()});
    EXPECT_EQ(done.reason, ps::end_reason::stopped);
    EXPECT_EQ(done.count(ps::outcome::committed), 0U);
    EXPECT_LT(took_, ps::testing::promptly);
}

TEST_F(resolver, O3_an_abandon_while_a_name_is_resolved_ends_the_run_at_once) {
    std::stop_source abandon;
    const ps::report done = cut(abandon, {.abandon = abandon.get_token()});
    EXPECT_EQ(done.count(ps::outcome::abandoned), done.taken());
    EXPECT_LT(took_, ps::testing::promptly);
}

TEST_F(resolver, H20_a_proxy_whose_name_is_not_known_is_looked_up_by_few_at_once) {
    constexpr std::size_t at_once = 32;
    ps::fetch_options options = ps::testing::working_fetch::quick();
    options.connect_timeout = 60s;
    options.timeout = 60s;
    options.proxies = {"http://slow.example:3128"};
    ps::testing::working_fetch work(options, {.queue_size = 200});
    for (int i = 0; i < 100; ++i) work.admit("http://name" + std::to_string(i) + ".example/");
    work.admit("no URL");  // Comes back behind the round in which all others were there.
    ASSERT_EQ(work.run.wait_for(1).size(), 1U);
    EXPECT_GE(ps::detail::read(work.figures().attempts), 1U);
    EXPECT_LE(ps::detail::read(work.figures().attempts), at_once);
    work.feed->abandon();
    EXPECT_EQ(work.run.wait_for(101).size(), 101U);
}

TEST_F(resolver, X1_a_proxy_whose_name_is_slow_is_blamed_and_the_target_is_not) {
    ps::fetch_options options = ps::testing::working_fetch::quick();
    options.connect_timeout = 50ms;
    options.retries = 0;
    options.proxies = {"http://slow.example:3128"};
    options.proxying.max_faults = 1;
    options.breaker = {.max_target_failures = 1, .min_distinct_proxies = 1};
    for (const char* target : {"http://127.0.0.1:1/", "http://name.example/", "https://name.example/"}) {
        ps::testing::working_fetch work(options);
        auto& item = work.get(std::string(target));
        EXPECT_EQ(item.why().kind, ps::error_kind::proxy) << item.why().reason;
        auto& proxies = work.run.metrics().proxies;
        EXPECT_EQ(ps::detail::read(proxies.rows()->at(0).faults), 1U) << target;
        EXPECT_EQ(ps::detail::read(proxies.rows()->at(0).lockouts), 1U) << target;
        EXPECT_EQ(ps::detail::read(proxies.breaker_opened), 0U) << target;
    }
}

}  // namespace
