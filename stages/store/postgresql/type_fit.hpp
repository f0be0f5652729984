#pragma once

#include <string>

#include "penstock/stages/store/table_spec.hpp"

namespace penstock::detail::postgresql {

/// The type of a stored column: that below all its domains.
struct stored_type {
    std::string name;   ///< PostgreSQL's own short name, such as "int8"; empty for a type of somebody else's.
    int modifier = -1;  ///< What stands in brackets, in PostgreSQL's own form; -1 for nothing.
};

/// True if a column of this type keeps every value as it is or refuses it with an error. A text goes into every type
/// that reads it, such as dates, uuid, jsonb, numeric and enums, but not into those that would cut it without a word;
/// the blanks at the end that make a text too long for its varchar(n) PostgreSQL cuts all the same.
/// A decimal goes into a numeric(p, s) if the program has said that it has no more than s decimals, by its sql_type.
/// Padding by char(n) is no change: PostgreSQL does not count it as a part of the value.
bool type_fits(const column_spec& column, const stored_type& stored);

}  // namespace penstock::detail::postgresql
