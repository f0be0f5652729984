#pragma once

#include <chrono>
#include <optional>

namespace penstock::detail {

/// Decides when a batch that met nobody's fault is tried again, and when it is given up. Has no clock and no dice.
class retry_schedule {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// Gives up this long after the first failure.
    explicit retry_schedule(std::chrono::nanoseconds retry_for) noexcept : retry_for_(retry_for) {}

    /// A try has failed, of at most `most_tries`: how long to pause before the next; nothing if there is to be none.
    /// The pauses double from 50 ms to 2 s, `draw`, from 0 to 1, makes each up to half as short, and the last one ends
    /// when the time does.
    std::optional<std::chrono::nanoseconds> after_failure(time_point now, unsigned most_tries, double draw) noexcept;

    /// The time begins anew at the next failure, with pauses as long as they have become: somebody else took over.
    void begin_time_anew() noexcept { timed_ = false; }

private:
    std::chrono::nanoseconds retry_for_;
    time_point give_up_{};
    bool timed_ = false;
    unsigned failures_ = 0;
};

}  // namespace penstock::detail
