#include "encoder.hpp"

#include <charconv>

#include "copy_text.hpp"

namespace penstock::detail::postgresql {

// Each cell ends with a tab; the end of the row makes the last one a newline.

void encoder::put_integer(std::int64_t value) {
    char cell[24];
    char* const end = std::to_chars(cell, cell + sizeof cell, value).ptr;
    *end = '\t';
    wire().append(cell, static_cast<std::size_t>(end - cell) + 1);
}

void encoder::put_real(double value) {
    append_real(wire(), value);
    wire().push_back('\t');
}

void encoder::put_boolean(bool value) { wire().append(value ? "t\t" : "f\t", 2); }

void encoder::put_text(std::string_view value) {
    append_text(wire(), value);
    wire().push_back('\t');
}

void encoder::put_bytes(std::span<const std::byte> value) {
    // Two digits a byte, and a line of COPY has to stay below 1 GiB.
    constexpr std::size_t most = 500'000'000;
    if (value.size() > most) return refuse("the value is longer than 500,000,000 bytes, which COPY cannot take");
    append_bytes(wire(), value);
    wire().push_back('\t');
}

void encoder::put_plain_text(std::string_view value) {
    wire().append(value);
    wire().push_back('\t');
}

void encoder::put_null() { wire().append("\\N\t", 3); }

void encoder::put_end_row() { wire().back() = '\n'; }

}  // namespace penstock::detail::postgresql
