// ledger_cost URL ROWS ROWS_IN_AN_ITEM [LEDGER]: stores the filings of bench/store in batches of 5,000 into the table
// `filings`, with a ledger of this name or without one; prints the seconds.
#include <chrono>
#include <cstdint>
#include <iostream>
#include <ranges>
#include <utility>

#include "../store/workload.hpp"

int main(int count, char** words) try {
    if (count != 4 && count != 5) return 2;
    namespace ps = penstock;
    using namespace bench_store;
    const std::int64_t in_an_item = std::stoll(words[3]);
    const std::int64_t items = std::stoll(words[2]) / in_an_item;
    std::vector<std::vector<filing>> pages(static_cast<std::size_t>(items));
    for (std::int64_t id = 0; id < items * in_an_item; ++id)
        pages[static_cast<std::size_t>(id / in_an_item)].push_back(make_filing(id));
    auto job =
        ps::from(std::views::iota(std::int64_t{0}, items))
        | ps::parallel("page", [&](std::int64_t item) { return std::move(pages[static_cast<std::size_t>(item)]); })
        | ps::store(ps::database(words[1]), filings(), {.create_table = true, .max_rows = rows_in_a_batch});
    const auto began = std::chrono::steady_clock::now();
    const ps::report done = job.run({.queue_size = 4 * rows_in_a_batch / static_cast<std::size_t>(in_an_item),
                                     .ledger = count == 5 ? words[4] : ""});
    std::cout << std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count() << '\n';
    return done.count(ps::outcome::committed) == static_cast<std::uint64_t>(items) ? 0 : 1;
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
