#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "penstock/stages/store/encoded_rows.hpp"
#include "penstock/stages/store/table_spec.hpp"
#include "penstock/stages/store/wire_buffer.hpp"

namespace penstock::detail {

/// Turns the cells of one item's rows into a database's wire form and keeps out what the database would refuse or
/// change silently. The rules that all databases share are here; a database adds its own in the `put_` functions.
///
/// Cells come in the order of the table's columns, then `end_row`. The first cell that is refused is remembered; what
/// is encoded after it is of no use. Used again and again, by one thread at a time.
class row_encoder {
public:
    virtual ~row_encoder() = default;

    /// Forgets the last item.
    void begin() noexcept;

    void integer(std::int64_t value) { put_integer(value), ++column_; }
    /// Refused above the largest signed value.
    void unsigned_integer(std::uint64_t value);
    void real(double value) { put_real(value), ++column_; }
    void boolean(bool value) { put_boolean(value), ++column_; }
    /// Refused if it holds a NUL byte or is not UTF-8.
    void text(std::string_view value);
    void bytes(std::span<const std::byte> value);
    /// Refused if it is no day of the calendar from 0001-01-01 to 9999-12-31.
    void date(std::chrono::year_month_day value);
    void date(std::chrono::sys_days value);
    /// In UTC. Refused if its day would be.
    void timestamp(std::chrono::sys_time<std::chrono::microseconds> value);
    /// Refused unless it is a sign or none, digits, and perhaps a point and as many digits as the column has.
    void decimal(std::string_view digits);
    /// Refused unless the column is nullable.
    void null();
    void end_row() {
        if (!refused()) put_end_row();  // A refused row may have left nothing to be ended.
        column_ = 0;
        ++row_;
    }

    /// True once a cell of the item was refused.
    bool refused() const noexcept { return !refusal_.empty(); }
    /// Which cell and why, in one line; empty if none was refused.
    const std::string& refusal() const noexcept { return refusal_; }

    /// The rows since `begin`, in memory of just their size.
    encoded_rows finish();

protected:
    explicit row_encoder(std::shared_ptr<const table_spec> table) : table_(std::move(table)) {}

    virtual void put_integer(std::int64_t value) = 0;
    virtual void put_real(double value) = 0;
    virtual void put_boolean(bool value) = 0;
    /// A text of at most 1,000,000,000 bytes, of which nobody has seen yet whether it may be sent: see `refuses`.
    virtual void put_text(std::string_view value) = 0;
    virtual void put_bytes(std::span<const std::byte> value) = 0;
    virtual void put_null() = 0;
    virtual void put_end_row() = 0;

    /// Refuses the cell that is being put.
    void refuse(std::string_view why);
    /// True if no database may be given the text; then the cell is refused.
    bool refuses(std::string_view text);

    /// The wire form so far; `put_` functions append to it.
    wire_buffer& wire() noexcept { return wire_; }
    /// The column that is being put, from 0.
    std::size_t column() const noexcept { return column_; }

private:
    std::shared_ptr<const table_spec> table_;
    wire_buffer wire_;
    std::string refusal_;
    std::size_t column_ = 0;
    std::uint32_t row_ = 0;
};

/// How a message points at a row: "(row 3 of the item, counted from 0)".
std::string point_at_row(std::size_t row);

}  // namespace penstock::detail
