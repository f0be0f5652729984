#pragma once

#include <utility>

#include "penstock/errors.hpp"
#include "penstock/report.hpp"

namespace penstock::testing {

/// The report of a run with an `answer_timeout` so short that on a busy machine its preflight may miss it: then it is
/// begun again, a few times.
template <class Run>
report once_ready(Run&& run) {
    for (int tries = 1;; ++tries) try {
            return std::forward<Run>(run)();
        } catch (const preflight_failed&) {
            if (tries == 5) throw;
        }
}

}  // namespace penstock::testing
