// Backends that stand still at any moment, with a ledger.
#include <atomic>
#include <iostream>
#include <random>

#include "frozen_backend.hpp"
#include "once_ready.hpp"
#include "own_server.hpp"
#include "penstock/sources/generate.hpp"
#include "relay_fixture.hpp"
#include "tests/ledger/lots.hpp"
#include "tests/ledger/work.hpp"

namespace penstock::testing {
namespace {

TEST(ledger_freezes_test, P5_backends_frozen_at_any_moment_leave_the_table_of_an_unbroken_run) {
    std::mt19937 dice(printed_seed());
    // One of its own: a backend may be frozen with a lock that the whole server waits for.
    const own_server server;
    const other_client client = server.client();
    client.run(create_entries);
    relay between(server.url());
    const int freezes = is_long() ? 100 : 4;
    // Work without an end: the source stops when the store has lost its patience often enough.
    std::atomic<bool> enough{false};
    std::atomic<std::int64_t> given{0};
    report done;
    std::thread run([&] {
        const database_options options{
            .connect_timeout = 2s, .answer_timeout = 500ms, .retry_for = 60s, .lock_timeout = 200ms};
        auto job = generate([&]() -> std::optional<std::int64_t> {
                       if (enough && given % 10 == 0) return std::nullopt;
                       return given++;
                   })
                   | parallel("rows", rows_of)
                   | store(database(between.url(server.url()), options), entries(), {.max_rows = 60, .max_age = 1ms});
        done = once_ready([&] { return settled_run(job, {.queue_size = 40, .ledger = "x"}); });
    });
    int outlasted = 0;
    for (int freeze = 0; outlasted < freezes && freeze < 20 * freezes; ++freeze) {
        const std::int64_t seen = given;
        EXPECT_TRUE(becomes_true([&] { return given > seen + 100; })) << "it goes on";
        // The backend that has last written something, or is at it; or one that is just ending.
        const std::vector<std::string> busy = client.ask(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'penstock' AND query ~ '^(COPY|COMMIT|INSERT)'");
        if (busy.empty()) continue;
        std::this_thread::sleep_for(std::chrono::microseconds(dice() % 5000));  // At whatever moment.
        try {
            const frozen_backend one(std::stoi(busy[dice() % busy.size()]));
            const std::size_t links = between.links();
            // If work goes on it was the wrong one.
            const std::int64_t far = given + 500;
            becomes_true([&] { return between.links() > links || given > far; });
            outlasted += between.links() > links;
            std::this_thread::sleep_for(std::chrono::milliseconds(dice() % 200));  // As long as it may be.
        } catch (const std::runtime_error&) {                                      // It has ended meanwhile.
        }
    }
    enough = true;
    run.join();
    const std::int64_t items = given;
    std::cout << outlasted << " freezes outlasted the store's patience, " << items << " items\n";
    EXPECT_EQ(outlasted, freezes);
    EXPECT_EQ(done.reason, end_reason::completed) << done;
    EXPECT_EQ(done.count(outcome::in_doubt), 0U) << done;
    EXPECT_EQ(client.ask("SELECT item, number FROM entries ORDER BY item, number"), unbroken_rows(items));
}

}  // namespace
}  // namespace penstock::testing
