// What pool, breaker and limits cost a request: everything that is decided for it, without I/O.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "stages/fetch/proxy_pool.hpp"
#include "stages/fetch/schedule.hpp"
#include "stages/fetch/target_set.hpp"

namespace penstock::fetch_stage {
namespace {

using rotation = proxy_options::rotation;

/// One request after the other, of 64 that wait, to ten origins in turn, of which one has failed twice.
void one_request(benchmark::State& state, rotation how, bool rates) {
    const auto count = static_cast<std::size_t>(state.range(0));
    const pace each = rates ? pace(1e6, 100'000) : pace();
    proxy_pool pool(count,
                    {.policy = how,
                     .per_proxy = 1000,
                     .each = each,
                     .faults = {.max_faults = 3, .ladder = proxy_options().lockouts},
                     .cool_down = std::chrono::minutes(5)},
                    1);
    schedule plan({.under_way = 100, .per_host = 100, .resolving = 1, .all = each, .each = each});
    target_set targets;
    std::vector<job> jobs(64);
    std::vector<host_queue*> hosts;
    for (int i = 0; i < 10; ++i) hosts.push_back(&plan.add("http://host" + std::to_string(i) + ".example", true));
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        jobs[i].host = hosts[i % hosts.size()];
        plan.came(*jobs[i].host);
    }
    time_point now = std::chrono::steady_clock::now();
    breaker& failing = targets.find_or_add(hosts[3]->origin).state;
    const breaker::rules by;
    for (int i = 0; i < 2; ++i) failing.failed(breaker::pass::usual, 0, now, by);
    for (job& one : jobs) plan.wait(one);
    for (auto _ : state) {
        now += std::chrono::microseconds(10);
        plan.set_time(now);
        job& one = *plan.next();
        const target* const at = targets.find(one.host->origin);
        benchmark::DoNotOptimize(at == nullptr ? breaker::pass::usual : at->state.may_go(now));
        const auto chosen = pool.choose({one.host->origin, one.host->origin, one.tried}, now);
        if (chosen.is != proxy_pool::choice::what::go) state.SkipWithError("no proxy");
        pool.begin(chosen.proxy, now);
        pool.answered(chosen.proxy, one.host->origin, now);
        benchmark::DoNotOptimize(targets.find(one.host->origin));
        pool.end(chosen.proxy);
        plan.ended(*one.host);
        plan.wait(one);
    }
}

BENCHMARK_CAPTURE(one_request, round_robin, rotation::round_robin, false)->Arg(10)->Arg(100)->Arg(1000);
BENCHMARK_CAPTURE(one_request, least_used, rotation::least_used, false)->Arg(10)->Arg(100)->Arg(1000);
BENCHMARK_CAPTURE(one_request, random, rotation::random, false)->Arg(10)->Arg(100)->Arg(1000);
BENCHMARK_CAPTURE(one_request, sticky, rotation::sticky, false)->Arg(10)->Arg(100)->Arg(1000);
BENCHMARK_CAPTURE(one_request, round_robin_with_rates, rotation::round_robin, true)->Arg(10)->Arg(1000);
BENCHMARK_CAPTURE(one_request, least_used_with_rates, rotation::least_used, true)->Arg(10)->Arg(100);

}  // namespace
}  // namespace penstock::fetch_stage

BENCHMARK_MAIN();
