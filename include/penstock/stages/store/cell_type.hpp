#pragma once

#include <string_view>

namespace penstock {

/// What a column holds, in words that every database understands.
enum class cell_type : unsigned char {
    integer,  ///< 64 bits, signed.
    real,     ///< A double.
    text,     ///< UTF-8 without NUL.
    boolean,
    bytes,
    date,       ///< A day from 0001-01-01 to 9999-12-31.
    timestamp,  ///< A point in time of those days, in UTC, to the microsecond.
    decimal,    ///< A number with any decimals, kept as it is written.
    json,       ///< A JSON text.
};

/// The name of a type, such as "integer". Never empty.
std::string_view to_string(cell_type type) noexcept;

}  // namespace penstock
