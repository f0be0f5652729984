#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace penstock::fetch_stage {

/// The time that the Expires of a cookie says, by the rules of RFC 6265, section 5.1.1: in any order a time of day, a
/// day, a month and a year; of two digits, 70 to 99 are in the 20th century. Zones and weekdays are not looked at: it
/// is always UTC. Nothing if one of the four is missing or there is no such date, or one before 1601. Without I/O.
std::optional<std::chrono::sys_seconds> read_cookie_date(std::string_view text) noexcept;

}  // namespace penstock::fetch_stage
