// store_penstock URL ROWS: penstock's store behind a source that costs little; prints the seconds.
#include <chrono>
#include <iostream>
#include <ranges>

#include "workload.hpp"

int main(int count, char** words) try {
    if (count != 3) return 2;
    using namespace bench_store;
    const std::int64_t items = std::stoll(words[2]) / static_cast<std::int64_t>(rows_in_an_item);
    std::vector<std::vector<filing>> pages;
    for (std::int64_t item = 0; item < items; ++item) pages.push_back(make_item(item));
    // The rows are there before the clock starts, as psql's file is; turning them into text is on the clock.
    auto job = penstock::from(std::views::iota(std::int64_t{0}, items))
               | penstock::parallel("page", [&](std::int64_t item) { return pages[static_cast<std::size_t>(item)]; })
               | penstock::store(penstock::database(words[1]), filings(), {.max_rows = rows_in_a_batch});
    const auto began = std::chrono::steady_clock::now();
    const penstock::report done = job.run({.queue_size = 4 * rows_in_a_batch / rows_in_an_item});
    std::cout << std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count() << '\n';
    if (done.clean()) return 0;
    std::cerr << done << '\n';
    return 1;
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
