#pragma once

#include <array>
#include <atomic>
#include <functional>

#include "penstock/detail/own_thread.hpp"

namespace penstock {

/// The threads that are sent to relieve a worker. Any of them may be the one that the run now lives on, and stay in a
/// user's callable for as long as that likes: so nobody is waited for before the end, and a place is only given anew
/// once its thread has done its duty.
class relief_crew {
public:
    /// Has a fresh thread "penstock-flow" do this, which must not throw; false if all places are taken. One thread.
    /// Throws `std::system_error` or `std::bad_alloc` if there is no thread to be had.
    bool send(std::function<void()> duty);

    /// Waits for all of them.
    void join() noexcept;

private:
    struct place {
        std::atomic<bool> taken{false};
        detail::own_thread thread;
    };
    // For the one at work, the one whose relief that was, which may just be leaving, and one that comes too late.
    std::array<place, 3> places_;
};

}  // namespace penstock
