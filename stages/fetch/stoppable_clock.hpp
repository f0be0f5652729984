#pragma once

#include "retry_policy.hpp"

namespace penstock::fetch_stage {

/// A clock that stands still while nobody may be blamed for the time that passes. What it shows is good for deadlines
/// of its own, and means nothing elsewhere. One thread.
class stoppable_clock {
public:
    /// What it shows at a true time.
    time_point at(time_point now) const noexcept { return (stopped_ ? stopped_at_ : now) - lost_; }

    /// The true time at which it will show this; `time_point::max()` while it stands still.
    time_point when(time_point shown) const noexcept { return stopped_ ? time_point::max() : shown + lost_; }

    void let_run(bool runs, time_point now) noexcept {
        if (runs != stopped_) return;
        if (runs) {
            lost_ += now - stopped_at_;
        } else {
            stopped_at_ = now;
        }
        stopped_ = !runs;
    }

private:
    bool stopped_ = false;
    time_point stopped_at_{};
    time_point::duration lost_{0};
};

}  // namespace penstock::fetch_stage
