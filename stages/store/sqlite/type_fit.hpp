#pragma once

#include <string_view>

#include "penstock/stages/store/cell_type.hpp"

namespace penstock::detail::sqlite {

/// True if a column that is declared so keeps every value of the type as it is. In a table that is not STRICT the
/// declared type only says what SQLite turns values into where it can: text "12" becomes a number in a column of INT.
/// A whole double may be kept as an integer of the same value, in a column of NUMERIC or DECIMAL.
bool type_fits(cell_type type, std::string_view declared, bool strict);

}  // namespace penstock::detail::sqlite
