#include "encoder.hpp"

#include <cmath>
#include <cstring>

#include "wire.hpp"

namespace penstock::detail::sqlite {
namespace {

/// One append for tag and number together: appending is most of the cost of a short cell.
template <class Number>
void append(std::string& wire, tag what, Number value) {
    char cell[1 + sizeof value];
    cell[0] = static_cast<char>(what);
    std::memcpy(cell + 1, &value, sizeof value);
    wire.append(cell, sizeof cell);
}

}  // namespace

void encoder::put_integer(std::int64_t value) { append(wire(), tag::integer, value); }

void encoder::put_real(double value) {
    if (std::isfinite(value))
        append(wire(), tag::real, value);
    else if (std::isnan(value))
        refuse("NaN, which SQLite would store as NULL");
    else
        refuse("an infinite number, which SQLite columns are not given");
}

void encoder::put_boolean(bool value) { put_integer(value ? 1 : 0); }

void encoder::put_text(std::string_view value) {
    append(wire(), tag::text, static_cast<std::uint32_t>(value.size()));
    wire().append(value);
}

void encoder::put_bytes(std::span<const std::byte> value) {
    append(wire(), tag::bytes, static_cast<std::uint32_t>(value.size()));
    wire().append(reinterpret_cast<const char*>(value.data()), value.size());
}

void encoder::put_plain_text(std::string_view value) { put_text(value); }

void encoder::put_null() { wire().push_back(static_cast<char>(tag::null)); }

}  // namespace penstock::detail::sqlite
