// The null pipeline in penstock.
#include <optional>
#include <penstock/penstock.hpp>

#include "workload.hpp"

namespace bench_engine {

namespace {

penstock::report run(token items, const limits& within, token& sum) {
    auto job = penstock::generate([next = token{0}, items]() mutable -> std::optional<token> {
                   if (next == items) return std::nullopt;
                   return ++next;
               })
               | penstock::parallel("work", work_on) | penstock::serial("sum", [&sum](token value) { sum += value; });
    return job.run({.max_workers = within.workers, .queue_size = within.in_flight});
}

}  // namespace

token run_penstock(token items, const limits& within) {
    token sum = 0;
    run(items, within, sum);
    return sum;
}

unsigned penstock_workers(unsigned wanted) {
    token sum = 0;
    return run(1, {.workers = wanted}, sum).workers;
}

}  // namespace bench_engine
