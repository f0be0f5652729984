#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "retry_policy.hpp"

namespace penstock::fetch_stage {

/// Takes a target for dead that fails too often in a row, through several proxies, and asks it again with one attempt
/// at a time. Without clock. One thread.
class breaker {
public:
    struct rules {
        unsigned max_failures = 3;
        unsigned min_distinct = 2;
        std::chrono::milliseconds open_for{60'000};
    };
    enum class state : unsigned char { closed, open, half_open };
    /// What an attempt was allowed to go as.
    enum class pass : unsigned char { none, usual, probe };

    /// `half_open` also before anybody has asked since the time was over.
    state now(time_point time) const noexcept {
        if (!open_) return state::closed;
        return probing_ || until_ <= time ? state::half_open : state::open;
    }
    bool is_open() const noexcept { return open_; }
    /// True if nothing speaks against the target.
    bool clear() const noexcept { return !open_ && failures_ == 0; }
    /// Until when nothing goes, unless a probe is under way.
    time_point until() const noexcept { return until_; }
    bool probing() const noexcept { return probing_; }
    unsigned failures() const noexcept { return failures_; }

    /// What an attempt may go as now; `begun` says that it does.
    pass may_go(time_point time) const noexcept {
        if (!open_) return pass::usual;
        return probing_ || until_ > time ? pass::none : pass::probe;
    }
    void begun(pass as) noexcept { probing_ = probing_ || as == pass::probe; }

    /// An attempt has failed that went through this proxy. True if that opens the breaker, or opens it again. Throws
    /// `std::bad_alloc`, and has counted nothing then.
    bool failed(pass as, std::uint32_t proxy, time_point time, const rules& by) {
        if (open_ && as != pass::probe) return false;  // It went before the breaker opened.
        if (!open_) {
            if (distinct_.size() < by.min_distinct
                && std::find(distinct_.begin(), distinct_.end(), proxy) == distinct_.end()) {
                distinct_.push_back(proxy);
            }
            if (failures_ < by.max_failures) ++failures_;
            if (failures_ < by.max_failures || distinct_.size() < by.min_distinct) return false;
        }
        open_ = true;
        probing_ = false;
        until_ = time + by.open_for;
        return true;
    }

    /// An attempt has gone well. True if that closes the breaker.
    bool succeeded(pass as) noexcept {
        if (open_ && as != pass::probe) return false;
        const bool closes = open_;
        open_ = probing_ = false;
        failures_ = 0;
        distinct_.clear();
        return closes;
    }

    /// An attempt has come to nothing that speaks for or against the target.
    void lost(pass as) noexcept {
        if (as == pass::probe) probing_ = false;
    }

private:
    bool open_ = false;
    bool probing_ = false;
    unsigned failures_ = 0;                ///< In a row, at most as many as open it.
    std::vector<std::uint32_t> distinct_;  ///< The proxies of these, at most as many as are needed.
    time_point until_{};
};

}  // namespace penstock::fetch_stage
