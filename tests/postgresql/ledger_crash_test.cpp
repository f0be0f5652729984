// A server that crashes under load, with a ledger.
#include <atomic>
#include <iostream>

#include "becomes_true.hpp"
#include "own_server.hpp"
#include "penstock/sources/generate.hpp"
#include "penstock/stages/fetch.hpp"
#include "penstock/testing/http_server.hpp"
#include "tests/ledger/lots.hpp"
#include "tests/ledger/work.hpp"

namespace penstock::testing {
namespace {

std::int64_t number_in(std::string_view url) { return std::stoll(std::string(url.substr(url.rfind('/') + 1))); }

TEST(ledger_crash_test, P2_a_server_that_stops_at_once_again_and_again_keeps_rows_and_ledger_in_step) {
    const own_server server;
    server.client().run(create_entries);
    http_server pages{[](const http_request&) { return text("x"); }};
    const int crashes = is_long() ? 50 : 3;
    // Work without an end: the source stops when the server has crashed often enough.
    std::atomic<bool> enough{false};
    std::atomic<std::int64_t> given{0};
    report done;
    const auto began = steady_clock::now();
    std::thread run([&] {
        auto job = generate([&]() -> std::optional<request> {
                       if (enough && given % 10 == 0) return std::nullopt;
                       return request{.url = pages.url(std::to_string(given++))};
                   })
                   | fetch({.retries = 0})
                   | parallel("rows", [](const page& one) { return rows_of(number_in(one.url())); })
                   | store(database(server.url(), {.retry_for = 60s}), entries(), {.max_rows = 60, .max_age = 1ms});
        done = settled_run(job, {.queue_size = 40, .ledger = "x"});
    });
    for (int crash = 0; crash < crashes; ++crash) {
        const std::int64_t seen = given;
        EXPECT_TRUE(becomes_true([&] { return given > seen + 200; })) << "it goes on after a crash";
        server.crash();
        server.start_again();
    }
    enough = true;
    run.join();
    const std::int64_t items = given;
    const std::int64_t requests_extra = static_cast<std::int64_t>(pages.requests()) - items;
    std::cout << crashes << " stops in " << std::chrono::duration<double>(steady_clock::now() - began).count() << " s, "
              << items << " items, " << requests_extra << " requests extra\n";
    EXPECT_EQ(requests_extra, 0) << "what is in flight waits for the server, and is not fetched again";
    EXPECT_EQ(done.reason, end_reason::completed) << done;
    EXPECT_EQ(done.taken(), static_cast<std::uint64_t>(items));
    EXPECT_EQ(done.count(outcome::committed), static_cast<std::uint64_t>(items) * 7 / 10) << done;
    EXPECT_EQ(done.count(outcome::in_doubt), 0U);
    const other_client after = server.client();
    EXPECT_EQ(after.ask("SELECT item, number FROM entries ORDER BY item, number"), unbroken_rows(items));
    EXPECT_EQ(after.ask("SELECT state, count(*) FROM penstock_ledger GROUP BY state ORDER BY state"),
              (std::vector<std::string>{"1|" + std::to_string(items * 7 / 10), "2|" + std::to_string(items / 10),
                                        "3|" + std::to_string(items * 2 / 10)}));
}

}  // namespace
}  // namespace penstock::testing
