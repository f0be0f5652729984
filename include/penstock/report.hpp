#pragma once

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/abort_thresholds.hpp"
#include "penstock/metrics.hpp"

namespace penstock {

/// Why a run ended.
enum class end_reason : unsigned char {
    completed,        ///< The source came to its end.
    stopped,          ///< The stop or the abandon token was used.
    aborted,          ///< A threshold of `run_options::abort_when` was reached.
    failed,           ///< The database, the source or the dead-letter sink gave up; `run` throws `run_failed`.
    no_usable_proxy,  ///< All proxies are locked out; `run` throws `run_failed`.
};

/// True for the reasons that `run` throws `run_failed` for.
constexpr bool is_failure(end_reason reason) noexcept {
    return reason == end_reason::failed || reason == end_reason::no_usable_proxy;
}

std::string_view to_string(end_reason reason) noexcept;

/// The account of a run that has ended. `taken` equals the sum of the outcomes: nothing is in flight any more.
struct report {
    end_reason reason = end_reason::completed;
    std::string detail;                      ///< Says more about the reason; empty if there is no more to say.
    metrics_snapshot figures;                ///< Every figure at the end.
    unsigned workers = 0;                    ///< The TBB workers that the run really had; at most `max_workers`.
    std::optional<abort_cause> aborted_for;  ///< Which threshold, and which item reached it, if it was `aborted`.
    std::string first_dead;                  ///< The first dead letter in one line; empty if there was none.

    std::uint64_t taken() const noexcept { return figures.taken; }
    std::uint64_t count(outcome how) const noexcept { return figures[how]; }
    std::uint64_t rows() const noexcept { return figures.store.rows; }

    /// True if the source came to its end and every item was committed, dropped or skipped.
    bool clean() const noexcept;
};

/// Prints the report: a line with the reason and the counts, then a line each for fetch, the stages and store.
std::ostream& operator<<(std::ostream& out, const report& done);

}  // namespace penstock
