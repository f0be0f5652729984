#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "job.hpp"

namespace penstock::fetch_stage {

/// Jobs for reuse: memory grows to the most that were inside at one time. One thread.
class job_pool {
public:
    /// A job that is as new. Throws `std::bad_alloc`.
    job& take() {
        if (free_.empty()) {
            free_.reserve(all_.size() + 1);  // So that giving back cannot fail.
            return all_.emplace_back();
        }
        job& one = *free_.back();
        free_.pop_back();
        return one;
    }

    void give_back(job& one) noexcept {
        one.item = nullptr;
        one.host = nullptr;
        one.attempts = 0;
        if (std::exchange(one.has_past, false)) forget_past(one);
        free_.push_back(&one);
    }

private:
    static void forget_past(job& one) noexcept {
        one.last_reason.clear();
        one.last_proxy.clear();
        one.last_status = 0;
        one.tried.clear();
        one.switches = 0;
        one.stuck = false;
    }

    std::deque<job> all_;
    std::vector<job*> free_;
};

}  // namespace penstock::fetch_stage
