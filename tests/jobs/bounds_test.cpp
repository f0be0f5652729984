// In flight from admission to COMMIT, measured from outside: what the source gave less what a reader finds committed.
#include <atomic>
#include <optional>

#include "job_fixture.hpp"
#include "penstock/sources/generate.hpp"

namespace ps = penstock;
using ps::testing::expect_settled;
using ps::testing::record;

namespace {

class bounds : public ps::testing::job_fixture {};

TEST_F(bounds, items_that_wait_for_their_commit_are_in_flight) {
    std::int64_t base = 0;
    for (const std::size_t queue : {1U, 2U, 64U, 1000U}) {
        for (const unsigned workers : {1U, 2U, 8U}) {
            for (const std::size_t batch : {1U, 2U, 5000U}) {
                // A transaction an item is slow; the small queues and batches show their bound with fewer.
                const std::int64_t items = queue * batch < 1000 ? 60 : 3000;
                std::int64_t given = 0;
                std::int64_t most = 0;
                auto job =
                    ps::generate([&]() -> std::optional<record> {
                        if (given == items) return std::nullopt;
                        // Counting rows is dear: look at every item only where the queue is small.
                        if (queue < 64 || given % 97 == 0) most = std::max(most, base + given + 1 - rows_seen());
                        return record{base + given++, "x"};
                    })
                    | ps::parallel("same", [](record one) { return one; })
                    | ps::store(target(), records(),
                                {.create_table = true, .max_rows = batch, .max_age = std::chrono::milliseconds(20)});
                const ps::report done = job.run({.max_workers = workers, .queue_size = queue});
                expect_settled(done);
                EXPECT_EQ(done.count(ps::outcome::committed), static_cast<std::uint64_t>(items));
                EXPECT_LE(most, static_cast<std::int64_t>(queue)) << workers << " workers, batches of " << batch;
                EXPECT_LE(done.figures.peak_in_flight, queue);
                base += items;
            }
        }
    }
    EXPECT_EQ(rows_seen(), base);
}

}  // namespace
