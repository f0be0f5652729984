#include "sql.hpp"

#include "../quoted_name.hpp"

namespace penstock::detail::sqlite {

std::string quoted_table(const table_spec& table) { return "\"main\"." + quoted_name(table.table()); }

std::string create_sql(const table_spec& table) {
    std::string columns;
    std::string keys;
    for (const column_spec& column : table.columns) {
        const std::string name = quoted_name(column.name);
        if (!columns.empty()) columns += ", ";
        columns.append(name).append(" ").append(declared_type(column.type));
        if (!column.nullable) columns += " NOT NULL";
        if (column.type == cell_type::boolean) columns.append(" CHECK (").append(name).append(" IN (0, 1))");
        if (column.type == cell_type::json)
            columns.append(" CHECK (").append(name).append(" IS NULL OR json_valid(").append(name).append("))");
        if (column.key) keys.append(keys.empty() ? "" : ", ").append(name);
    }
    if (!keys.empty()) columns.append(", PRIMARY KEY (").append(keys).append(")");
    return "CREATE TABLE " + quoted_table(table) + " (" + columns + ") STRICT";
}

namespace {

std::string conflict_clause(const table_spec& table, conflict_policy conflicts) {
    if (conflicts == conflict_policy::error) return {};
    std::string keys;
    std::string changes;
    std::string present;
    std::string given;
    const auto add = [](std::string& to, const std::string& text) { to.append(to.empty() ? "" : ", ").append(text); };
    for (const column_spec& column : table.columns) {
        const std::string name = quoted_name(column.name);
        if (column.key) {
            add(keys, name);
            continue;
        }
        add(changes, name + " = excluded." + name);
        add(present, "present." + name);
        add(given, "excluded." + name);
    }
    const std::string clause = " ON CONFLICT (" + keys + ") DO ";
    if (conflicts == conflict_policy::ignore || changes.empty()) return clause + "NOTHING";
    if (conflicts == conflict_policy::update) return clause + "UPDATE SET " + changes;
    return clause + "UPDATE SET " + changes + " WHERE (" + present + ") IS NOT (" + given + ")";
}

}  // namespace

std::string insert_sql(const table_spec& table, conflict_policy conflicts) {
    std::string columns;
    std::string values;
    for (const column_spec& column : table.columns) {
        columns.append(columns.empty() ? "" : ", ").append(quoted_name(column.name));
        values.append(values.empty() ? "?" : ", ?");
    }
    return "INSERT INTO " + quoted_table(table) + " AS present (" + columns + ") VALUES (" + values + ")"
           + conflict_clause(table, conflicts);
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
