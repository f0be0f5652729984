#include "calendar_text.hpp"

#include <cstdint>

namespace penstock::detail {
namespace {

using namespace std::chrono;

constexpr sys_days first_day = year(1) / January / 1;
constexpr sys_days last_day = year(9999) / December / 31;

/// Appends a number in just so many digits.
void append(calendar_text& to, std::int64_t number, std::size_t digits) noexcept {
    for (std::size_t place = digits; place-- > 0; number /= 10)
        to.letters[to.size + place] = static_cast<char>('0' + number % 10);
    to.size += digits;
}

void append(calendar_text& to, char letter) noexcept { to.letters[to.size++] = letter; }

}  // namespace

bool in_calendar(year_month_day day) noexcept { return day.ok() && in_calendar(sys_days(day)); }

bool in_calendar(sys_days day) noexcept { return day >= first_day && day <= last_day; }

calendar_text text_of(year_month_day day) noexcept {
    calendar_text text;
    append(text, int(day.year()), 4);
    append(text, '-');
    append(text, unsigned(day.month()), 2);
    append(text, '-');
    append(text, unsigned(day.day()), 2);
    return text;
}

calendar_text text_of(sys_time<microseconds> time) noexcept {
    const sys_days day = floor<days>(time);
    const hh_mm_ss<microseconds> clock(time - day);
    calendar_text text = text_of(year_month_day(day));
    append(text, 'T');
    append(text, clock.hours().count(), 2);
    append(text, ':');
    append(text, clock.minutes().count(), 2);
    append(text, ':');
    append(text, clock.seconds().count(), 2);
    append(text, '.');
    append(text, clock.subseconds().count(), 6);
    append(text, 'Z');
    return text;
}

}  // namespace penstock::detail
