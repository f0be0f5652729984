#pragma once

#include <cstdint>
#include <stop_token>

#include "activity.hpp"
#include "penstock/detail/blueprint.hpp"
#include "run_state.hpp"

namespace penstock {

class look_up;

/// Sends an admitted item to fetch, or straight to the stages if the chain does not fetch.
void send_on(detail::blueprint& plan, run_state& state, detail::slot& item) noexcept;

/// The source's side of a run, on a thread of its own: waits for a free slot, pulls one value, sends it on its way.
class admission {
public:
    /// Items go to the ledger's look-up first, if there is one.
    admission(detail::blueprint& plan, run_state& state, activity& doing, look_up* ledger = nullptr)
        : plan_(plan), state_(state), doing_(doing), ledger_(ledger), ending_(state.ending()) {}

    /// Admits until the source ends, fails, or the run is ending; then closes admission.
    void run() noexcept;

    /// Admits one item; waits for a slot. False if there is no more to admit.
    bool admit() noexcept;

private:
    /// A slot for the next item; waits until one is free. Null when the run is ending.
    detail::slot* wait_for_slot();
    bool pull(detail::slot& into);
    void send(detail::slot& item) noexcept;
    void fail(const char* why) noexcept;

    detail::blueprint& plan_;
    run_state& state_;
    activity& doing_;
    look_up* const ledger_;
    std::stop_token ending_;
    std::uint64_t taken_ = 0;
};

}  // namespace penstock
