#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "penstock/detail/byte_account.hpp"
#include "penstock/detail/histogram.hpp"
#include "penstock/detail/proxy_metrics.hpp"
#include "penstock/failure.hpp"
#include "penstock/outcome.hpp"

namespace penstock::detail {

/// Two adjacent lines: the hardware's prefetcher pulls them in pairs, so one would still be shared.
inline constexpr std::size_t cache_line = 128;

using counter = std::atomic<std::uint64_t>;

inline void add(counter& to, std::uint64_t much) noexcept { to.fetch_add(much, std::memory_order_relaxed); }
inline std::uint64_t read(const counter& from) noexcept { return from.load(std::memory_order_relaxed); }

/// A run's figures as they are written. Relaxed atomics, grouped on cache lines by who writes them. Two orders matter,
/// so that a reader never sees more settled than taken: `taken` is written before an item can be settled, and the
/// outcomes are released by their writers and acquired by the reader, which reads `taken` after them.
struct metric_block {
    struct stage_block {
        alignas(cache_line) counter taken{0};
        counter passed{0}, dropped{0}, dead{0}, busy_ns{0};
        std::string name;
    };
    struct fetch_block {
        alignas(cache_line) counter attempts{0};
        counter retries{0}, redirects{0}, pages{0}, body_bytes{0}, connections{0}, pauses{0}, parked{0},
            beyond_share{0}, unverified{0};
        std::array<counter, 6> statuses{};
        histogram latency_us;
    };
    struct store_block {
        alignas(cache_line) counter rows{0};
        counter batches{0}, bytes{0}, busy_ns{0}, retries{0};
    };

    explicit metric_block(std::vector<std::string> stage_names) : stages(stage_names.size()) {
        for (std::size_t i = 0; i < stages.size(); ++i) stages[i].name = std::move(stage_names[i]);
    }

    const std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
    std::atomic<std::int64_t> ended_ns{0};  ///< How long the run took; 0 while it goes on.

    alignas(cache_line) counter taken{0};
    counter peak_in_flight{0};
    alignas(cache_line) std::array<counter, outcome_count> settled{};
    counter all_settled{0};  ///< Their sum, kept for the peak of what is in flight.
    std::array<counter, error_kind_count> errors{};
    std::vector<stage_block> stages;
    fetch_block fetch;
    byte_account bodies;
    proxy_metrics proxies;
    store_block store;

    mutable std::mutex stuck_mutex;  ///< For what the run's caller writes when the run does not end.
    std::string stuck;
};

}  // namespace penstock::detail
