#pragma once

#include <chrono>
#include <limits>
#include <optional>

namespace penstock::detail {

/// Decides when a batch that met nobody's fault is tried again, and when it is given up. Has no clock and no dice.
class retry_schedule {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// Gives up this long after the first failure.
    explicit retry_schedule(std::chrono::nanoseconds retry_for) noexcept : retry_for_(retry_for) {}

    /// A try has failed for a reason of which at most `most_tries` are made, or any number: how long to pause before
    /// the next; nothing if there is to be none. Reasons of which any number is made do not count against others.
    /// The pauses double from 50 ms to 2 s, `draw`, from 0 to 1, makes each up to half as short, and the last one ends
    /// when the time does.
    static constexpr unsigned any_number = std::numeric_limits<unsigned>::max();
    std::optional<std::chrono::nanoseconds> after_failure(time_point now, unsigned most_tries, double draw) noexcept;

    /// The time begins anew at the next failure, with pauses as long as they have become: somebody else took over.
    void begin_time_anew() noexcept { timed_ = false; }

private:
    std::chrono::nanoseconds retry_for_;
    time_point give_up_{};
    bool timed_ = false;
    unsigned failures_ = 0;
    unsigned limited_ = 0;  ///< Those of which only some are made.
};

}  // namespace penstock::detail
