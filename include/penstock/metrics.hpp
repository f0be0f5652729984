#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/failure.hpp"
#include "penstock/outcome.hpp"

namespace penstock {

namespace detail {
struct metric_block;
}

/// What one stage has done so far.
struct stage_figures {
    std::string name;
    std::uint64_t taken = 0;           ///< Items that it was given, those abandoned unbegun included.
    std::uint64_t passed = 0;          ///< Items that it handed on.
    std::uint64_t dropped = 0;         ///< Items that it wanted none of.
    std::uint64_t dead = 0;            ///< Items that failed in it, or are in doubt since.
    std::chrono::nanoseconds busy{0};  ///< Time in the stage's callable, added up over the workers.
};

/// What went through one proxy so far.
struct proxy_figures {
    std::string proxy;           ///< Scheme, host and port, never a login.
    std::uint64_t attempts = 0;  ///< Begun through it.
    std::uint64_t answers = 0;   ///< Attempts in which a target answered through it, whatever the status.
    std::uint64_t faults = 0;    ///< Attempts that it spoiled.
    std::uint64_t lockouts = 0;  ///< Times that it was locked out, for a target or as a whole.
};

/// What fetch has done so far.
struct fetch_figures {
    std::uint64_t attempts = 0;              ///< Requests begun, retries included; redirects are part of their attempt.
    std::uint64_t retries = 0;               ///< Attempts after an item's first.
    std::uint64_t redirects = 0;             ///< Redirects followed.
    std::uint64_t pages = 0;                 ///< Pages that arrived whole.
    std::uint64_t body_bytes = 0;            ///< Bytes of their bodies, decoded.
    std::uint64_t bytes_in_flight = 0;       ///< Of bodies, arriving or not yet made something else of by a stage.
    std::uint64_t peak_bytes_in_flight = 0;  ///< The most of these at once.
    std::uint64_t pauses = 0;                ///< Times that a server had its origin wait (429, Retry-After).
    std::uint64_t parked = 0;                ///< Items that wait for that now.
    std::uint64_t beyond_share = 0;  ///< Items that were more than `parked_share`; if they wait, others may too.
    std::uint64_t connections = 0;   ///< New connections; pages minus these rode on a kept one.
    std::uint64_t unverified = 0;    ///< Requests over TLS to hosts of `insecure_skip_verify`.
    std::array<std::uint64_t, 6> statuses{};  ///< Answers by class: [2] counts 2xx; [0] counts what fits no class.
    std::chrono::microseconds p50{0};         ///< Median time of an attempt that brought an answer, within 6 %.
    std::chrono::microseconds p95{0};
    std::chrono::microseconds p99{0};
    std::uint64_t breaker_opened = 0;    ///< Times that a target was taken for dead, failed probes included.
    std::vector<proxy_figures> proxies;  ///< In the order of the options.
};

/// What store has done so far.
struct store_figures {
    std::uint64_t rows = 0;            ///< Rows committed.
    std::uint64_t batches = 0;         ///< Transactions committed that had rows; a ledger has some without.
    std::uint64_t bytes = 0;           ///< Bytes of the rows as they were sent.
    std::chrono::nanoseconds busy{0};  ///< The writers' time for what was committed, its retries and pauses included.
    std::uint64_t retries = 0;         ///< Tries to write a batch that were made again: a lock, a lost link, a restart.
};

/// A run's figures at one instant. `taken == settled + in_flight()` in every snapshot.
struct metrics_snapshot {
    std::chrono::nanoseconds elapsed{0};                   ///< Since the run began; stands still once it has ended.
    std::uint64_t taken = 0;                               ///< Items that the source gave.
    std::array<std::uint64_t, outcome_count> settled{};    ///< Items by outcome; index with `operator[]`.
    std::array<std::uint64_t, error_kind_count> errors{};  ///< Dead and doubtful ones by `error_kind`.
    std::uint64_t peak_in_flight = 0;                      ///< The most items that were in flight at once.
    std::vector<stage_figures> stages;                     ///< All behind fetch, in order; names may be the same.
    fetch_figures fetch;
    store_figures store;

    /// Once the run is cut short: the sources, stages and sinks whose callables have not returned for a second, joined
    /// with ", ". The run cannot end before they do.
    std::string stuck;

    std::uint64_t operator[](outcome how) const noexcept { return settled[static_cast<std::size_t>(how)]; }
    std::uint64_t in_flight() const noexcept;
};

/// The figures of a run, readable from any thread while it goes on. Give its address to `run_options::metrics`; it
/// must outlive the run. What the run writes for each item are relaxed atomics; it only locks for the state of a
/// breaker and for `stuck`. One run at a time: a second run given the same block begins afresh.
class metrics {
public:
    metrics();
    ~metrics();
    metrics(const metrics&) = delete;
    metrics& operator=(const metrics&) = delete;

    /// Reads the figures. Any thread, any time; before the first run all are 0.
    metrics_snapshot snapshot() const;

    /// True if the breaker of a URL's target is open now, until a probe has gone well; see `breaker_options`. What is
    /// no URL is taken for a `request::target`. Any thread, any time. Throws `std::bad_alloc`.
    bool is_target_unhealthy(std::string_view url) const;

private:
    friend class run_state;
    void attach(std::shared_ptr<const detail::metric_block> block);

    mutable std::mutex mutex_;
    std::shared_ptr<const detail::metric_block> block_;
};

}  // namespace penstock
