#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace penstock::testing {

/// What some threads count and others wait for.
class tally {
public:
    void add() {
        const std::lock_guard lock(mutex_);
        ++count_;
        changed_.notify_all();
    }
    /// True once so many were counted in all; false if that takes longer than 20 s.
    bool reached(int wanted) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return count_ >= wanted; });
    }
    int count() {
        const std::lock_guard lock(mutex_);
        return count_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
};

}  // namespace penstock::testing
