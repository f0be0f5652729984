#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// The text form of COPY: a line a row, a tab after each cell but the last, and these three ways to write a cell.

namespace penstock::detail::postgresql {

/// A text with backslash, tab, newline and carriage return escaped. Looks at eight bytes at a time.
void append_text(std::string& to, std::string_view text);

/// The shortest number that reads back as the same double; `NaN`, `Infinity`, `-Infinity`.
void append_real(std::string& to, double value);

/// Bytes as `\x` and hexadecimal digits, the backslash escaped.
void append_bytes(std::string& to, std::span<const std::byte> bytes);

}  // namespace penstock::detail::postgresql
