#pragma once

#include <string>
#include <string_view>

#include "penstock/stages/store/store_options.hpp"
#include "penstock/stages/store/table_spec.hpp"

namespace penstock::detail::sqlite {

/// The table with its schema, which is always "main": so a temporary table never takes its place.
std::string quoted_table(const table_spec& table);

/// `CREATE TABLE`: STRICT, NOT NULL unless a column is optional, a bool as INTEGER that is 0 or 1, dates, times,
/// decimals and JSON as TEXT.
std::string create_sql(const table_spec& table);

/// `INSERT` with a parameter for each column, in their order, columns always named; and what to do about a conflict.
std::string insert_sql(const table_spec& table, conflict_policy conflicts);

/// The declared type of a column that `create_sql` makes.
std::string_view declared_type(cell_type type) noexcept;

}  // namespace penstock::detail::sqlite
