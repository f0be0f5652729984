#pragma once

#include <gtest/gtest.h>
#include <tbb/global_control.h>

#include <chrono>
#include <filesystem>
#include <new>
#include <set>
#include <string>
#include <system_error>
#include <thread>

namespace penstock::testing {

/// Compares what the process has with what it had when this was made: nothing that a run opened or started may stay.
/// TBB keeps its workers for the whole process; so that they are not mistaken for ours, the look at the end ends them.
class leftovers {
public:
    leftovers() : tbb_(tbb::attach{}) {
        std::thread([] {}).join();  // With the first thread of a process a sanitizer starts its own.
        threads_ = threads();
        descriptors_ = descriptors();
    }

    /// Waits for what is on its way out: the kernel lists a thread for some moments after it was joined. Once, and
    /// where nobody uses TBB.
    ::testing::AssertionResult none() {
        if (!tbb::finalize(tbb_, std::nothrow)) return ::testing::AssertionFailure() << "TBB does not end its workers";
        std::string left;
        for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);;) {
            left = more(threads(), threads_, " thread ") + more(descriptors(), descriptors_, " descriptor ");
            if (left.empty()) return ::testing::AssertionSuccess();
            if (std::chrono::steady_clock::now() > end) return ::testing::AssertionFailure() << "left over:" << left;
            std::this_thread::yield();
        }
    }

private:
    using names = std::set<std::string>;

    static names threads() {
        names all;
        for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
            all.insert(task.path().filename().string());
        }
        return all;
    }
    static names descriptors() {
        names all;
        for (const auto& open : std::filesystem::directory_iterator("/proc/self/fd")) {
            std::error_code gone;  // The one that lists them.
            const std::string target = std::filesystem::read_symlink(open.path(), gone).string();
            if (!gone && target.find("/proc/") != 0) all.insert(open.path().filename().string() + " " + target);
        }
        return all;
    }
    static std::string more(const names& now, const names& before, const std::string& what) {
        std::string found;
        for (const std::string& one : now) {
            if (!before.contains(one)) found += what + one;
        }
        return found;
    }

    tbb::task_scheduler_handle tbb_;
    names threads_;
    names descriptors_;
};

}  // namespace penstock::testing
