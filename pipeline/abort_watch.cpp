#include "abort_watch.hpp"

#include <utility>

#include "log.hpp"
#include "penstock/detail/affordable_text.hpp"
#include "penstock/detail/letters.hpp"
#include "run_state.hpp"

namespace penstock {

void abort_watch::judge(std::size_t place, const detail::slot& item) noexcept {
    {
        const std::lock_guard lock(mutex_);
        if (!item.has_failed()) return rules_.good(place);
        if (!reached(place, item)) return;
    }
    // Not under the lock: the end of a run calls whoever listens for it.
    const std::string why = detail::affordable_text([&] {
        return "abort_when." + cause_->threshold + " was reached by "
               + detail::one_line(detail::letter_of(item, outcome::dead));
    });
    state_.end(end_reason::aborted, why);
    log_warning(detail::affordable_text([&] { return "the run is aborted: " + why; }));
}

/// True for the first failure that reaches a threshold.
bool abort_watch::reached(std::size_t place, const detail::slot& item) noexcept {
    // Memory is only asked for if one is reached: for its name.
    std::string threshold = detail::affordable_text([&] { return rules_.bad(place, item.why().kind); });
    if (threshold.empty() || cause_) return false;
    cause_ = abort_cause{std::move(threshold), item.ordinal};
    return true;
}

}  // namespace penstock
