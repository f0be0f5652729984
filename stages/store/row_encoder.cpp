#include "penstock/stages/store/row_encoder.hpp"

#include <limits>

#include "text_rules.hpp"

namespace penstock::detail {

void row_encoder::begin() noexcept {
    // One huge item must not keep its memory for the rest of the run.
    constexpr std::size_t keep = std::size_t{1} << 20;
    if (wire_.capacity() > keep) wire_ = std::string();
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
    if (const std::string_view why = why_text_is_refused(value); why.empty())
        put_text(value);
    else
        refuse(why);
    ++column_;
}

void row_encoder::bytes(std::span<const std::byte> value) {
    if (value.size() <= max_cell_bytes)
        put_bytes(value);
    else
        refuse("the value is longer than 1,000,000,000 bytes");
    ++column_;
}

void row_encoder::null() {
    if (table_->columns[column_].nullable)
        put_null();
    else
        refuse("a null pointer in a column that is not optional");
    ++column_;
}

encoded_rows row_encoder::finish() { return {std::string(wire_), row_, {}}; }

void row_encoder::refuse(std::string_view why) {
    if (refused()) return;
    refusal_ = "column " + table_->columns[column_].name + " of table " + table_->name + ": " + std::string(why) + " "
               + point_at_row(row_);
}

std::string point_at_row(std::size_t row) { return "(row " + std::to_string(row) + " of the item, counted from 0)"; }

}  // namespace penstock::detail
