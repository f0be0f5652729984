#pragma once

#include <chrono>
#include <vector>

#include "retry_policy.hpp"

namespace penstock::fetch_stage {

/// When something that fails is left alone, and for how long: each time longer, at last for ever. Without clock. One
/// thread.
class lockout {
public:
    struct rules {
        unsigned max_faults = 3;                        ///< In a row, until the first lockout.
        std::vector<std::chrono::milliseconds> ladder;  ///< How long each lasts; then it is a ban.
    };
    static constexpr time_point for_ever = time_point::max();

    bool locked(time_point now) const noexcept { return until_ > now; }
    /// Until when; `for_ever` for a ban. In the past if it is not locked out.
    time_point until() const noexcept { return until_; }
    /// True if there is nothing to remember of it.
    bool clear() const noexcept { return faults_ == 0 && until_ == time_point{}; }

    /// An attempt has failed that began at `began`. True if that locks it out. One that began before the last lockout
    /// was over says nothing new.
    bool fault(time_point began, time_point now, const rules& by) noexcept {
        if (began < until_) return false;
        if (++faults_ < by.max_faults && rung_ == 0) return false;
        faults_ = 0;
        until_ = rung_ == by.ladder.size() ? for_ever : now + by.ladder[rung_++];
        return true;
    }

    /// An attempt has gone well that began then.
    void success(time_point began) noexcept {
        if (began < until_) return;
        faults_ = 0;
        rung_ = 0;
    }

private:
    unsigned faults_ = 0;
    std::size_t rung_ = 0;  ///< Lockouts since the last success.
    time_point until_{};
};

}  // namespace penstock::fetch_stage
