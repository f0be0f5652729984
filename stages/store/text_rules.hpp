#pragma once

#include <string_view>

namespace penstock::detail {

/// Why a text must not go to a database; empty if it may. The same for every database: no NUL byte, valid UTF-8, and
/// no more than 1,000,000,000 bytes. Short ASCII texts cost a few nanoseconds, long ones what simdjson takes for them.
std::string_view why_text_is_refused(std::string_view text) noexcept;

/// The longest text or bytes in a cell: SQLite's default limit, and just below PostgreSQL's.
inline constexpr std::size_t max_cell_bytes = 1'000'000'000;

}  // namespace penstock::detail
