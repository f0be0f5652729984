#pragma once

#include <atomic>
#include <iosfwd>
#include <memory>

#include "penstock/detail/blueprint.hpp"
#include "penstock/report.hpp"
#include "penstock/run_options.hpp"

namespace penstock {

class pipeline;
namespace testing {
report run_inline(pipeline& job, const run_options& options);
}

/// A closed chain: a source, stages, a sink. The only thing that runs.
///
/// It may be run again after a run has ended; sources begin anew where they can, and what serial stages have captured
/// stays as the former run left it. One run at a time: a second one meanwhile is refused with `bad_option`, also from
/// a callback of the first. Not to be destroyed while it runs.
class pipeline {
public:
    explicit pipeline(detail::blueprint plan);
    pipeline(pipeline&&) noexcept;
    pipeline& operator=(pipeline&&) noexcept;
    ~pipeline();

    /// Runs until the source ends, or a token or a failure ends it, and everything is settled. Blocks its caller and
    /// works on threads of its own.
    ///
    /// Throws `bad_option` or `preflight_failed` before anything is taken, and `run_failed`, which carries the report,
    /// when the database, the source or the dead-letter sink gave up. What single items do is never thrown. A run whose
    /// token is used while it waits to begin, for a lock on the database say, is a stopped run that took nothing.
    /// Throws `std::bad_alloc` where there is no memory for the run or its report.
    report run(const run_options& options = {});

    /// Prints the chain, such as `lines urls.txt | fetch | parallel parse | serial store`.
    friend std::ostream& operator<<(std::ostream& out, const pipeline& chain);

private:
    friend report testing::run_inline(pipeline& job, const run_options& options);

    detail::blueprint plan_;
    std::unique_ptr<std::atomic<bool>> running_;
};

}  // namespace penstock
