#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace penstock {

/// Which piece each thread is in, so that a callable that never returns can be named. A thread writes its own place
/// only, without reading a clock; `stuck` tells from look to look whether it has moved on.
class activity {
public:
    using clock = std::chrono::steady_clock;

    /// One place for each TBB worker, one for the source and one for the dead-letter sink.
    explicit activity(unsigned workers) : places_(workers + 2), seen_(workers + 2) {}

    void enter(unsigned worker, const std::string& piece) noexcept {
        place& own = places_[worker];
        own.entries.store(own.entries.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        own.piece.store(&piece, std::memory_order_release);
    }
    void leave(unsigned worker) noexcept { places_[worker].piece.store(nullptr, std::memory_order_relaxed); }

    unsigned source_place() const noexcept { return static_cast<unsigned>(places_.size() - 1); }
    /// For one thread at a time.
    unsigned letters_place() const noexcept { return static_cast<unsigned>(places_.size() - 2); }

    /// The pieces whose callables have not returned between two looks at least this far apart, in words; empty if there
    /// are none. One thread.
    std::string stuck(clock::time_point now, clock::duration at_least);

private:
    struct alignas(128) place {
        std::atomic<const std::string*> piece{nullptr};
        std::atomic<std::uint64_t> entries{0};
    };
    struct look {
        std::uint64_t entries = 0;
        clock::time_point first{};
    };
    std::vector<place> places_;
    std::vector<look> seen_;
};

/// Says that a thread is in a piece, for as long as this lives.
class place_held {
public:
    place_held(activity& of, unsigned place, const std::string& piece) noexcept : of_(of), place_(place) {
        of_.enter(place, piece);
    }
    ~place_held() { of_.leave(place_); }
    place_held(const place_held&) = delete;
    place_held& operator=(const place_held&) = delete;

private:
    activity& of_;
    unsigned place_;
};

}  // namespace penstock
