// store_penstock URL ROWS [POLICY [CONNECTIONS]]: penstock's store behind a source that costs little; prints the
// seconds. With a policy the table has a key, and under `error` items may be dead; "none" is no policy.
#include <chrono>
#include <iostream>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>

#include "workload.hpp"

int main(int count, char** words) try {
    if (count < 3 || count > 5) return 2;
    using namespace bench_store;
    const bool keyed = count > 3 && std::string_view(words[3]) != "none";
    const std::size_t connections = count == 5 ? std::stoul(words[4]) : 1;
    auto policy = penstock::conflict_policy::error;
    for (const auto one : {penstock::conflict_policy::ignore, penstock::conflict_policy::update,
                           penstock::conflict_policy::update_if_different})
        if (keyed && penstock::to_string(one) == words[3]) policy = one;
    const std::int64_t items = std::stoll(words[2]) / static_cast<std::int64_t>(rows_in_an_item);
    std::vector<std::vector<filing>> pages;
    for (std::int64_t item = 0; item < items; ++item) pages.push_back(make_item(item));
    // The rows are there before the clock starts, as psql's file is; turning them into text is on the clock.
    auto job =
        penstock::from(std::views::iota(std::int64_t{0}, items))
        | penstock::parallel("page",
                             [&](std::int64_t item) { return std::move(pages[static_cast<std::size_t>(item)]); })
        | penstock::store(penstock::database(words[1], {.connections = connections}),
                          keyed ? keyed_filings() : filings(), {.conflicts = policy, .max_rows = rows_in_a_batch});
    // Of a size that leaves batches full, however many are written at the same time.
    const std::size_t batches_in_flight = connections == 1 ? 4 : 2 * connections;
    const auto began = std::chrono::steady_clock::now();
    const penstock::report done = job.run({.queue_size = batches_in_flight * rows_in_a_batch / rows_in_an_item});
    std::cout << std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count() << '\n';
    const auto settled = done.count(penstock::outcome::committed) + done.count(penstock::outcome::dead);
    const bool may_be_dead = keyed && policy == penstock::conflict_policy::error;
    if (done.clean() || (may_be_dead && settled == static_cast<std::uint64_t>(items))) return 0;
    std::cerr << done << '\n';
    return 1;
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
