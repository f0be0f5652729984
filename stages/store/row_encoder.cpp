#include "penstock/stages/store/row_encoder.hpp"

#include <limits>

#include "calendar_text.hpp"
#include "decimal_rules.hpp"
#include "text_rules.hpp"

namespace penstock::detail {

void row_encoder::begin() noexcept {
    // One huge item must not keep its memory for the rest of the run.
    constexpr std::size_t keep = std::size_t{1} << 20;
    if (wire_.capacity() > keep) wire_ = wire_buffer();
    wire_.clear();
    refusal_.clear();
    column_ = 0;
    row_ = 0;
}

void row_encoder::unsigned_integer(std::uint64_t value) {
    constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (value > largest) {
        refuse(std::to_string(value) + " is above the largest 64-bit signed integer, " + std::to_string(largest));
        ++column_;
    } else {
        integer(static_cast<std::int64_t>(value));
    }
}

void row_encoder::text(std::string_view value) {
    if (value.size() <= max_cell_bytes)
        put_text(value);
    else
        refuse(why_text_is_refused(value));
    ++column_;
}

void row_encoder::bytes(std::span<const std::byte> value) {
    if (value.size() <= max_cell_bytes)
        put_bytes(value);
    else
        refuse("the value is longer than 1,000,000,000 bytes");
    ++column_;
}

void row_encoder::date(std::chrono::year_month_day value) {
    if (in_calendar(value))
        put_text(text_of(value).view());
    else
        refuse("no day of the calendar from 0001-01-01 to 9999-12-31");
    ++column_;
}

void row_encoder::date(std::chrono::sys_days value) {
    // A day of none is what becomes of those that no year counts.
    date(in_calendar(value) ? std::chrono::year_month_day(value) : std::chrono::year_month_day());
}

void row_encoder::timestamp(std::chrono::sys_time<std::chrono::microseconds> value) {
    if (in_calendar(std::chrono::floor<std::chrono::days>(value)))
        put_text(text_of(value).view());
    else
        refuse("a time out of the calendar from 0001-01-01 to 9999-12-31");
    ++column_;
}

void row_encoder::decimal(std::string_view digits) {
    if (const std::string why = why_decimal_is_refused(digits, table_->columns[column_].decimals); why.empty())
        put_text(digits);
    else
        refuse(why);
    ++column_;
}

void row_encoder::null() {
    if (table_->columns[column_].nullable)
        put_null();
    else
        refuse("no value in a column that is NOT NULL");
    ++column_;
}

encoded_rows row_encoder::finish() { return {.bytes = std::string(wire_.view()), .rows = row_}; }

bool row_encoder::refuses(std::string_view text) {
    const std::string_view why = why_text_is_refused(text);
    if (!why.empty()) refuse(why);
    return !why.empty();
}

void row_encoder::refuse(std::string_view why) {
    if (refused()) return;
    refusal_ = "column " + table_->columns[column_].name + " of table " + table_->name + ": " + std::string(why) + " "
               + point_at_row(row_);
}

std::string point_at_row(std::size_t row) { return "(row " + std::to_string(row) + " of the item, counted from 0)"; }

}  // namespace penstock::detail
