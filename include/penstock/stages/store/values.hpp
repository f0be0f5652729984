#pragma once

#include <string>

namespace penstock {

/// A number that is kept to its last digit, such as an amount of money: "-12.50". A sign, digits, and digits behind a
/// point; anything else is an error of the row. Stored as numeric, in SQLite as text.
struct decimal {
    std::string digits;
};

/// A text that is JSON. Stored as json, which keeps it to the byte, or as jsonb if the column's `sql_type` says so; in
/// SQLite as text. The database refuses what is no JSON.
struct json_text {
    std::string text;
};

/// How a type of yours is stored: specialise it, with a function `value` that gives any value that a column can hold,
/// or a `std::optional` of one. It is called on several threads at once; a view that it returns must outlive the row.
///
///     enum class side { buy, sell };
///
///     template <>
///     struct penstock::stored_as<side> {
///         static std::string_view value(side of) { return of == side::buy ? "buy" : "sell"; }
///     };
template <class T>
struct stored_as;

}  // namespace penstock
