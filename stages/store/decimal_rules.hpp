#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace penstock::detail {

/// Why a text must not go into a column of numbers with this many decimals; empty if it may. Nothing for a column that
/// keeps them all. Zeros at the end are no decimals.
std::string why_decimal_is_refused(std::string_view digits, std::optional<unsigned> decimals);

/// The decimals that a declared type keeps: 2 of "numeric(12,2)", 0 of "decimal(5)", nothing for a type that keeps all
/// or that is no number.
std::optional<unsigned> decimals_of(std::string_view sql_type);

}  // namespace penstock::detail
