#include "penstock/metrics.hpp"

#include <numeric>

#include "penstock/detail/snapshot_of.hpp"
#include "penstock/request.hpp"

namespace penstock {

namespace {

using detail::read;

/// Reads the outcomes and `taken` so that nothing was admitted in between, if that can be had: then what is derived to
/// be in flight was in flight. Under a storm of admissions the last try stands, which may show some more in flight.
void read_account(const detail::metric_block& block, metrics_snapshot& into) {
    constexpr int tries = 64;
    for (int i = 0; i < tries; ++i) {
        const std::uint64_t before = block.taken.load(std::memory_order_acquire);
        for (std::size_t how = 0; how < outcome_count; ++how) {
            into.settled[how] = block.settled[how].load(std::memory_order_acquire);
        }
        into.taken = block.taken.load(std::memory_order_acquire);
        if (into.taken == before) return;
    }
}

std::chrono::microseconds latency(const detail::histogram& of, double q) {
    return std::chrono::microseconds(of.quantile(q));
}

}  // namespace

metrics_snapshot snapshot_of(const detail::metric_block& block) {
    metrics_snapshot now;
    const auto ended = block.ended_ns.load(std::memory_order_relaxed);
    now.elapsed = ended != 0 ? std::chrono::nanoseconds(ended) : std::chrono::steady_clock::now() - block.began;
    read_account(block, now);
    for (std::size_t i = 0; i < block.errors.size(); ++i) now.errors[i] = read(block.errors[i]);
    now.peak_in_flight = read(block.peak_in_flight);
    for (const auto& stage : block.stages) {
        now.stages.push_back({stage.name, read(stage.taken), read(stage.passed), read(stage.dropped), read(stage.dead),
                              std::chrono::nanoseconds(read(stage.busy_ns))});
    }
    const auto& fetch = block.fetch;
    now.fetch = {read(fetch.attempts),
                 read(fetch.retries),
                 read(fetch.redirects),
                 read(fetch.pages),
                 read(fetch.body_bytes),
                 block.bodies.in_flight(),
                 block.bodies.peak(),
                 read(fetch.pauses),
                 read(fetch.parked),
                 read(fetch.beyond_share),
                 read(fetch.connections),
                 read(fetch.unverified),
                 {},
                 latency(fetch.latency_us, 0.50),
                 latency(fetch.latency_us, 0.95),
                 latency(fetch.latency_us, 0.99),
                 0,
                 {}};
    now.fetch.breaker_opened = read(block.proxies.breaker_opened);
    if (const auto rows = block.proxies.rows()) {
        for (const auto& row : *rows) {
            now.fetch.proxies.push_back(
                {row.shown, read(row.attempts), read(row.answers), read(row.faults), read(row.lockouts)});
        }
    }
    for (std::size_t i = 0; i < fetch.statuses.size(); ++i) now.fetch.statuses[i] = read(fetch.statuses[i]);
    now.store = {read(block.store.rows), read(block.store.batches), read(block.store.bytes),
                 std::chrono::nanoseconds(read(block.store.busy_ns)), read(block.store.retries)};
    const std::lock_guard lock(block.stuck_mutex);
    now.stuck = block.stuck;
    return now;
}

std::uint64_t metrics_snapshot::in_flight() const noexcept {
    return taken - std::accumulate(settled.begin(), settled.end(), std::uint64_t{0});
}

metrics::metrics() = default;
metrics::~metrics() = default;

void metrics::attach(std::shared_ptr<const detail::metric_block> block) {
    const std::lock_guard lock(mutex_);
    block_ = std::move(block);
}

metrics_snapshot metrics::snapshot() const {
    std::shared_ptr<const detail::metric_block> block;
    {
        const std::lock_guard lock(mutex_);
        block = block_;
    }
    return block ? snapshot_of(*block) : metrics_snapshot{};
}

bool metrics::is_target_unhealthy(std::string_view url) const {
    std::shared_ptr<const detail::metric_block> block;
    {
        const std::lock_guard lock(mutex_);
        block = block_;
    }
    return block && block->proxies.is_unhealthy(detail::target_of(url));
}

}  // namespace penstock
