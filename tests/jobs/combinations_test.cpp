// Every shape of a small run ends, with the right rows.
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "job_fixture.hpp"

namespace ps = penstock;
using namespace std::chrono_literals;
using ps::testing::record;
using ps::testing::settled_run;

namespace {

/// The queue, the batch.
class combinations : public ps::testing::job_fixture,
                     public ::testing::WithParamInterface<std::tuple<std::size_t, std::size_t>> {
protected:
    template <class Stage>
    void run(Stage stage, unsigned workers, std::int64_t items) {
        const auto [queue, batch] = GetParam();
        std::vector<std::int64_t> numbers(static_cast<std::size_t>(items));
        std::iota(numbers.begin(), numbers.end(), sum_of_items_);
        // Long enough that only the end, or a batch that can be filled, closes a batch.
        auto job = ps::from(std::move(numbers))
                   | ps::parallel("make",
                                  [](std::int64_t n) {
                                      return record{n, "x"};
                                  })
                   | std::move(stage)
                   | ps::store(target(), records(), {.create_table = true, .max_rows = batch, .max_age = 10s});
        const ps::report done = settled_run(job, {.max_workers = workers, .queue_size = queue});
        EXPECT_TRUE(done.clean()) << done;
        EXPECT_EQ(done.count(ps::outcome::committed), static_cast<std::uint64_t>(items)) << done;
        EXPECT_LE(done.figures.peak_in_flight, queue);
        sum_of_items_ += items;
        EXPECT_EQ(rows_seen(), sum_of_items_);
    }

    std::int64_t sum_of_items_ = 0;
};

TEST_P(combinations, G1_end_with_the_right_rows) {
    const auto same = [](record one) { return one; };
    for (const unsigned workers : {1U, 2U, 8U}) {
        for (const std::int64_t items : {0, 1, 2, 7, 1000}) {
            run(ps::in_order("in", same), workers, items);
            run(ps::serial("out", same), workers, items);
        }
    }
    // As many different ids as there were items, from the first to the last: these and no others.
    EXPECT_EQ(sum_of_items_, 6 * 1010);
    EXPECT_EQ(ask("SELECT min(id) FROM records"), 0);
    EXPECT_EQ(ask("SELECT max(id) FROM records"), sum_of_items_ - 1);
}

INSTANTIATE_TEST_SUITE_P(shapes, combinations,
                         ::testing::Combine(::testing::Values(1, 2, 3), ::testing::Values(1, 2, 1000)),
                         [](const auto& chosen) {
                             return "queue_" + std::to_string(std::get<0>(chosen.param)) + "_batch_"
                                    + std::to_string(std::get<1>(chosen.param));
                         });

}  // namespace
