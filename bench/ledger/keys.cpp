// ledger_keys URL KEYS [QUEUE_SIZE]: a run over so many items without rows, with the ledger "keys"; prints what it did,
// how long it took until the first item was settled, and the most memory it had.
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <optional>
#include <penstock/penstock.hpp>
#include <ranges>
#include <vector>

namespace ps = penstock;

namespace {
struct nothing {
    std::int64_t id = 0;
};
}  // namespace

int main(int count, char** words) try {
    if (count != 3 && count != 4) return 2;
    using clock = std::chrono::steady_clock;
    const auto seconds = [](clock::duration time) { return std::chrono::duration<double>(time).count(); };
    const std::int64_t keys = std::stoll(words[2]);
    const auto began = clock::now();
    std::optional<double> start_up;
    auto job = ps::from(std::views::iota(std::int64_t{0}, keys))
               | ps::parallel("none", [](std::int64_t) { return std::vector<nothing>(); })
               | ps::store(ps::database(words[1]), ps::table("nothings", ps::column("id", &nothing::id)),
                           {.create_table = true});
    const ps::report done = job.run({.queue_size = count == 4 ? std::stoul(words[3]) : 1000,
                                     .ledger = "keys",
                                     .progress =
                                         [&](const ps::metrics_snapshot& now) {
                                             if (!start_up && now.taken != now.in_flight())
                                                 start_up = seconds(clock::now() - began);
                                         },
                                     .progress_every = std::chrono::milliseconds(1)});
    const double took = seconds(done.figures.elapsed);
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    std::cout << done.count(ps::outcome::committed) << " new, " << done.count(ps::outcome::skipped) << " known, "
              << static_cast<std::int64_t>(static_cast<double>(done.taken()) / took) << " keys/s, first settled after "
              << start_up.value_or(took) << " s, " << used.ru_maxrss / 1024 << " MB at most\n";
    const auto settled = done.count(ps::outcome::committed) + done.count(ps::outcome::skipped);
    if (settled == static_cast<std::uint64_t>(keys)) return 0;
    std::cerr << done << '\n';
    return 1;
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
