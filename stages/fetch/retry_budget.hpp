#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "retry_policy.hpp"

namespace penstock::fetch_stage {

/// How many retries an origin may still be sent: a share of the first attempts, and always some, so that little work
/// gets all of its retries while a server in trouble does not get its load many times over. Without clock. One thread.
class retry_budget {
public:
    static constexpr double most = 100;        ///< Never more than so many at once.
    static constexpr double each_second = 10;  ///< What comes by itself.

    /// A first attempt was sent.
    void count_first() noexcept { ++firsts_; }

    /// Takes one retry out; false if there is none.
    bool spend(double share, time_point now) noexcept {
        if (since_ == time_point{}) since_ = now;
        const double seconds = std::chrono::duration<double>(now - since_).count();
        left_ = std::min(most, left_ + seconds * each_second + static_cast<double>(firsts_) * share);
        since_ = now;
        firsts_ = 0;
        if (left_ < 1) return false;
        left_ -= 1;
        return true;
    }

    /// When it is at its most again if nothing is spent, and no different from one that was never used.
    time_point whole() const noexcept {
        return since_
               + std::chrono::ceil<time_point::duration>(std::chrono::duration<double>((most - left_) / each_second));
    }

private:
    std::uint64_t firsts_ = 0;
    double left_ = most;
    time_point since_{};
};

}  // namespace penstock::fetch_stage
