#pragma once

#include <string>
#include <string_view>

#include "penstock/stages/store/table_spec.hpp"

namespace penstock::detail::postgresql {

/// The table, with its schema if the program names one, quoted part by part.
std::string quoted_table(const table_spec& table);

/// `CREATE TABLE`: NOT NULL unless a column is optional, and the primary key.
std::string create_sql(const table_spec& table);

/// `COPY` of text into the table, columns always named.
std::string copy_sql(const table_spec& table);

/// The declared type of a column that `create_sql` makes.
std::string_view declared_type(cell_type type) noexcept;

}  // namespace penstock::detail::postgresql
