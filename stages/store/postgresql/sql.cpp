#include "sql.hpp"

#include "../quoted_name.hpp"

namespace penstock::detail::postgresql {

std::string quoted_table(const table_spec& table) {
    std::string name;
    for (const std::string& part : table.parts) name.append(name.empty() ? "" : ".").append(quoted_name(part));
    return name;
}

std::string create_sql(const table_spec& table) {
    std::string columns;
    std::string keys;
    for (const column_spec& column : table.columns) {
        const std::string name = quoted_name(column.name);
        columns.append(columns.empty() ? "" : ", ").append(name).append(" ");
        columns.append(column.sql_type.empty() ? declared_type(column.type) : column.sql_type);
        if (!column.nullable) columns += " NOT NULL";
        if (column.key) keys.append(keys.empty() ? "" : ", ").append(name);
    }
    if (!keys.empty()) columns.append(", PRIMARY KEY (").append(keys).append(")");
    return "CREATE TABLE IF NOT EXISTS " + quoted_table(table) + " (" + columns + ")";
}

std::string copy_sql(const table_spec& table) {
    std::string columns;
    for (const column_spec& column : table.columns)
        columns.append(columns.empty() ? "" : ", ").append(quoted_name(column.name));
    return "COPY " + quoted_table(table) + " (" + columns + ") FROM STDIN";
}

std::string_view declared_type(cell_type type) noexcept {
    switch (type) {
        case cell_type::integer: return "bigint";
        case cell_type::real: return "double precision";
        case cell_type::text: return "text";
        case cell_type::boolean: return "boolean";
        case cell_type::bytes: return "bytea";
        case cell_type::date: return "date";
        case cell_type::timestamp: return "timestamp with time zone";
        case cell_type::decimal: return "numeric";
        case cell_type::json: return "json";
    }
    return "text";
}

}  // namespace penstock::detail::postgresql
