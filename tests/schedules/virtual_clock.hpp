#pragma once

#include <chrono>

namespace penstock::testing {

/// Time as a test wants it. A program that is linked with this has a `std::chrono::steady_clock` of its own in the
/// standard library's place: while a virtual clock lives, it shows that one's time to all code, penstock's included,
/// and `std::random_device` gives the same number always. One at a time; one thread.
class virtual_clock {
public:
    using time_point = std::chrono::steady_clock::time_point;

    virtual_clock();
    ~virtual_clock();
    virtual_clock(const virtual_clock&) = delete;
    virtual_clock& operator=(const virtual_clock&) = delete;

    time_point now() const noexcept { return now_; }
    std::chrono::nanoseconds passed() const noexcept { return now_ - began; }
    void pass(std::chrono::nanoseconds time) noexcept { now_ += time; }
    void pass_until(time_point when) noexcept {
        if (when > now_) now_ = when;
    }

    static constexpr time_point began{std::chrono::hours(1000)};

private:
    time_point now_ = began;
};

}  // namespace penstock::testing
