#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace penstock::testing {

using schedule_bytes = std::vector<std::uint8_t>;

/// Runs the schedule that the bytes stand for, and says what should not have been; empty if all was well.
using schedule_runner = std::function<std::string(std::span<const std::uint8_t>)>;

/// Many schedules, each made from the seed and its number.
struct campaign {
    std::uint64_t schedules;
    std::uint64_t seed = 1;
    std::size_t longest = 600;         ///< The most bytes of a schedule.
    unsigned seconds_each = 20;        ///< A schedule that takes longer hangs; the program is ended then.
    bool always_runs_the_same = true;  ///< So that a schedule with a finding can be made shorter.
};

/// The bytes of the campaign's n-th schedule.
schedule_bytes bytes_of(const campaign& of, std::uint64_t number);

/// Runs a campaign up to the first finding; returns it and how to run its schedule alone, or nothing. The environment
/// may ask for another campaign: PENSTOCK_SCHEDULES and PENSTOCK_SEED are numbers, PENSTOCK_SCHEDULE is one schedule in
/// hexadecimal. A schedule that crashes or hangs is named on the standard error.
std::string run_campaign(const schedule_runner& run, campaign what);

/// A shorter and simpler string that has a finding as well, whichever.
schedule_bytes shorten(const schedule_runner& run, schedule_bytes bytes);

std::string to_hexadecimal(std::span<const std::uint8_t> bytes);
schedule_bytes from_hexadecimal(const std::string& text);

}  // namespace penstock::testing
