#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

// Dates and times as ISO 8601 writes them, in a width that never changes: so texts sort as times do.

namespace penstock::detail {

/// True for the days from 0001-01-01 to 9999-12-31, which every database and every reader of ISO 8601 has.
bool in_calendar(std::chrono::year_month_day day) noexcept;
bool in_calendar(std::chrono::sys_days day) noexcept;

/// A short text that is held by itself.
struct calendar_text {
    std::array<char, 32> letters;
    std::size_t size = 0;

    std::string_view view() const noexcept { return {letters.data(), size}; }
};

/// "2026-11-22". Only for days of the calendar.
calendar_text text_of(std::chrono::year_month_day day) noexcept;

/// "2026-11-22T09:05:00.000000Z". Only for times of the calendar's days.
calendar_text text_of(std::chrono::sys_time<std::chrono::microseconds> time) noexcept;

}  // namespace penstock::detail
