// What does the engine itself cost a token? penstock and raw TBB run the same null pipeline in turn.
//
//   null_pipeline [ITEMS] [PAIRS]
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "workload.hpp"

namespace {

using namespace bench_engine;

struct cost {
    double tokens_per_second = 0;
    double cpu_nanoseconds = 0;  // User and system time of all threads, a token.
};

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
           + static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

cost measure(token (*contender)(token, const limits&), token items, const limits& within) {
    const double cpu_before = cpu_seconds();
    const auto began = std::chrono::steady_clock::now();
    const token sum = contender(items, within);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    const double cpu = cpu_seconds() - cpu_before;
    if (sum != expected_sum(items)) {
        std::fprintf(stderr, "wrong sum: tokens were lost or doubled\n");
        std::exit(1);
    }
    const auto count = static_cast<double>(items);
    return {count / took.count(), cpu / count * 1e9};
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

struct series {
    const char* name;
    std::vector<double> rates;
    std::vector<double> cpu;

    void add(const cost& one) {
        rates.push_back(one.tokens_per_second);
        cpu.push_back(one.cpu_nanoseconds);
    }
    void print() const {
        std::printf("%-13s %8.2f M tokens/s [%.2f..%.2f]   %6.0f ns CPU a token\n", name, median(rates) * 1e-6,
                    *std::min_element(rates.begin(), rates.end()) * 1e-6,
                    *std::max_element(rates.begin(), rates.end()) * 1e-6, median(cpu));
    }
};

}  // namespace

int main(int count, char** words) {
    const token items = count > 1 ? std::atoll(words[1]) : 1'000'000;
    const int pairs = count > 2 ? std::atoi(words[2]) : 9;
    if (items < 1 || pairs < 1) {
        std::fprintf(stderr, "usage: null_pipeline [ITEMS] [PAIRS]\n");
        return 2;
    }
    limits within;
    within.workers = penstock_workers(within.workers);

    series penstock{"penstock", {}, {}};
    series rival{"tbb_pipeline", {}, {}};
    series baseline{"serial_loop", {}, {}};
    std::vector<double> ratios;
    std::vector<double> cpu_ratios;
    for (int pair = 0; pair < pairs; ++pair) {
        const cost ours = measure(&run_penstock, items, within);
        const cost theirs = measure(&run_tbb_pipeline, items, within);
        penstock.add(ours);
        rival.add(theirs);
        baseline.add(measure(&run_serial_loop, items, within));
        ratios.push_back(ours.tokens_per_second / theirs.tokens_per_second);
        cpu_ratios.push_back(ours.cpu_nanoseconds / theirs.cpu_nanoseconds);
    }
    std::printf("%lld tokens, %d pairs, %u workers, %u in flight\n", static_cast<long long>(items), pairs,
                within.workers, within.in_flight);
    penstock.print();
    rival.print();
    baseline.print();
    std::printf("penstock / tbb_pipeline, medians of the pairs: %.2f in tokens/s, %.2f in CPU\n", median(ratios),
                median(cpu_ratios));
}
