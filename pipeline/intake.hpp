#pragma once

#include <chrono>
#include <cstdint>

#include "bell.hpp"
#include "run_state.hpp"
#include "stage_rows.hpp"

namespace penstock {

/// What is ready for the stages: waits for it, judges how much work it is, and cuts it into groups. Used by one thread
/// at a time.
class intake {
public:
    intake(run_state& state, const stage_rows& rows) : state_(state), rows_(rows) {}

    bool empty() const noexcept { return ready_.empty(); }
    /// True if everything that is ready was cut and no more can follow.
    bool ended() const noexcept { return ready_.empty() && state_.all_delivered(delivered_); }

    /// Waits for something to be ready, until then or until somebody pokes, and fetches it. Only while it is empty.
    void wait_until(bell::time_point until) noexcept;

    /// Fetches what has come meanwhile.
    void fetch() noexcept { ready_.append(state_.ready().take_all()); }

    /// True if what is ready is worth a second worker. Fetches what has come meanwhile.
    bool is_much() noexcept;

    /// The next group for one of so many workers: small when little is ready, and no larger than what the stages get
    /// through in about a millisecond, so that no worker sits on work that others could do. Settles items that came
    /// without a value, so it may be empty though something was ready.
    detail::slot_chain cut(unsigned workers) noexcept;

private:
    std::uint64_t item_cost() const noexcept;

    run_state& state_;
    const stage_rows& rows_;
    detail::slot_chain ready_;
    std::uint64_t delivered_ = 0;
};

}  // namespace penstock
