#include "sql.hpp"

namespace penstock::detail::sqlite {

std::string quoted(std::string_view name) {
    std::string text = "\"";
    for (const char letter : name) {
        if (letter == '"') text += '"';
        text += letter;
    }
    return text += '"';
}

std::string quoted_table(const table_spec& table) { return "\"main\"." + quoted(table.table()); }

std::string create_sql(const table_spec& table) {
    std::string columns;
    std::string keys;
    for (const column_spec& column : table.columns) {
        const std::string name = quoted(column.name);
        if (!columns.empty()) columns += ", ";
        columns.append(name).append(" ").append(declared_type(column.type));
        if (!column.nullable) columns += " NOT NULL";
        if (column.type == cell_type::boolean) columns.append(" CHECK (").append(name).append(" IN (0, 1))");
        if (column.type == cell_type::json) columns.append(" CHECK (json_valid(").append(name).append("))");
        if (column.key) keys.append(keys.empty() ? "" : ", ").append(name);
    }
    if (!keys.empty()) columns.append(", PRIMARY KEY (").append(keys).append(")");
    return "CREATE TABLE " + quoted_table(table) + " (" + columns + ") STRICT";
}

std::string insert_sql(const table_spec& table) {
    std::string columns;
    std::string values;
    for (const column_spec& column : table.columns) {
        columns.append(columns.empty() ? "" : ", ").append(quoted(column.name));
        values.append(values.empty() ? "?" : ", ?");
    }
    return "INSERT INTO " + quoted_table(table) + " (" + columns + ") VALUES (" + values + ")";
}

std::string_view declared_type(cell_type type) noexcept {
    switch (type) {
        case cell_type::integer:
        case cell_type::boolean: return "INTEGER";
        case cell_type::real: return "REAL";
        case cell_type::text:
        case cell_type::date:
        case cell_type::timestamp:
        case cell_type::decimal:
        case cell_type::json: return "TEXT";
        case cell_type::bytes: return "BLOB";
    }
    return "ANY";
}

}  // namespace penstock::detail::sqlite
