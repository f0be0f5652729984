#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace penstock {

/// Which piece each thread is in, and since when, so that a callable that never returns can be named. A thread writes
/// its own place only; anybody may read.
class activity {
public:
    using clock = std::chrono::steady_clock;

    /// One place for each TBB worker, and one for the source.
    explicit activity(unsigned workers) : places_(workers + 1) {}

    void enter(unsigned worker, const std::string& piece, clock::time_point now) noexcept {
        places_[worker].since.store(now.time_since_epoch().count(), std::memory_order_relaxed);
        places_[worker].piece.store(&piece, std::memory_order_release);
    }
    void leave(unsigned worker) noexcept { places_[worker].piece.store(nullptr, std::memory_order_relaxed); }

    unsigned source_place() const noexcept { return static_cast<unsigned>(places_.size() - 1); }

    /// The pieces whose callables have not returned for at least this long, in words; empty if there are none.
    std::string stuck(clock::time_point now, clock::duration at_least) const;

private:
    struct alignas(128) place {
        std::atomic<const std::string*> piece{nullptr};
        std::atomic<clock::rep> since{0};
    };
    std::vector<place> places_;
};

/// Says that a thread is in a piece, for as long as this lives.
class place_held {
public:
    place_held(activity& of, unsigned place, const std::string& piece, activity::clock::time_point now) noexcept
        : of_(of), place_(place) {
        of_.enter(place, piece, now);
    }
    ~place_held() { of_.leave(place_); }
    place_held(const place_held&) = delete;
    place_held& operator=(const place_held&) = delete;

private:
    activity& of_;
    unsigned place_;
};

}  // namespace penstock
