// Does memory stay flat over a long run? Sends items through penstock and prints what is resident on the way.
//
//   flat_memory [ITEMS]
//
// Fails if more is resident at the end than at a tenth of the way, but for a mebibyte.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <penstock/penstock.hpp>
#include <string>
#include <vector>

namespace {

double resident_mib() {
    std::ifstream statm("/proc/self/statm");
    long size = 0;
    long resident = 0;
    statm >> size >> resident;
    return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

}  // namespace

int main(int count, char** words) {
    const long long items = count > 1 ? std::atoll(words[1]) : 10'000'000;
    if (items < 10) {
        std::fprintf(stderr, "usage: flat_memory [ITEMS], at least 10 of them\n");
        return 2;
    }
    std::vector<double> seen;
    const auto look = [&](int percent) {
        seen.push_back(resident_mib());
        std::printf("%3d %% of %lld items: %.1f MiB resident\n", percent, items, seen.back());
    };
    // Texts too long for a string's own room, so that every item allocates and frees.
    auto job = penstock::generate([next = 0LL, items]() mutable -> std::optional<std::string> {
                   if (next == items) return std::nullopt;
                   return std::string(40, 'x') + std::to_string(next++);
               })
               | penstock::parallel("double", [](std::string text) { return text + text; })
               | penstock::serial("look", [&, passed = 0LL](const std::string&) mutable {
                     ++passed;
                     if (passed == items / 10) look(10);
                     if (passed == items / 2) look(50);
                     if (passed == items) look(100);
                 });
    const penstock::report done = job.run();
    if (!done.clean() || seen.size() != 3) return 1;
    return seen.back() <= seen.front() + 1 ? 0 : 1;
}
