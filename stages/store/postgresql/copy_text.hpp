#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "penstock/stages/store/wire_buffer.hpp"

// The text form of COPY: a line a row, a tab after each cell but the last, and these ways to write a cell.

namespace penstock::detail::postgresql {

/// A text with backslash, tab, newline and carriage return escaped. Looks at eight bytes at a time.
void append_text(wire_buffer& to, std::string_view text);

/// The longest integer: a sign and 19 digits.
inline constexpr std::size_t integer_size = 20;

/// Writes an integer, of at most `integer_size` characters, and returns its end.
char* write_integer(char* at, std::int64_t value) noexcept;

/// The shortest number that reads back as the same double; `NaN`, `Infinity`, `-Infinity`.
void append_real(wire_buffer& to, double value);

/// Bytes as `\x` and hexadecimal digits, the backslash escaped.
void append_bytes(wire_buffer& to, std::span<const std::byte> bytes);

}  // namespace penstock::detail::postgresql
