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
};

/// The name of a type, such as "integer". Never empty.
std::string_view to_string(cell_type type) noexcept;

}  // namespace penstock
