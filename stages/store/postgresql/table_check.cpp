#include "table_check.hpp"

#include <algorithm>
#include <cstdlib>

#include "sql.hpp"
#include "type_fit.hpp"

namespace penstock::detail::postgresql {
namespace {

struct stored_column {
    std::string name;
    std::string declared;  ///< As a user would write the type.
    stored_type type;
    bool not_null = false;
    bool filled_in = false;  ///< PostgreSQL makes up a value by itself: a default, an identity, a computed column.
    bool computed = false;   ///< It must not be given a value.
    bool may_insert = false;
    bool key = false;
};

std::string table_id(session& on, const table_spec& table) {
    return "pg_catalog.to_regclass(" + on.quoted_text(quoted_table(table)) + ")";
}

/// The columns, each with the type below its domains, whose defaults and NOT NULLs count like the column's own.
std::vector<stored_column> stored_columns(session& on, const table_spec& table) {
    const answer rows = on.ask(
        "WITH RECURSIVE base AS ("
        " SELECT attnum, atttypid AS type, atttypmod AS modifier, attnotnull AS not_null,"
        "  atthasdef OR attidentity <> '' AS filled_in"
        " FROM pg_catalog.pg_attribute WHERE attrelid = " +
        table_id(on, table) +
        " AND attnum > 0 AND NOT attisdropped"
        " UNION ALL SELECT b.attnum, t.typbasetype, t.typtypmod, b.not_null OR t.typnotnull,"
        "  b.filled_in OR t.typdefault IS NOT NULL"
        " FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type WHERE t.typtype = 'd') "
        "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),"
        " CASE WHEN t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace THEN t.typname ELSE '' END, b.modifier,"
        " b.not_null, b.filled_in, a.attgenerated <> '' OR a.attidentity = 'a',"
        " pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'INSERT'),"
        " EXISTS (SELECT 1 FROM pg_catalog.pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary"
        "  AND a.attnum = ANY ((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1])) "
        "FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type AND t.typtype <> 'd'"
        " JOIN pg_catalog.pg_attribute a ON a.attnum = b.attnum AND a.attrelid = " +
        table_id(on, table) + " ORDER BY a.attnum");
    std::vector<stored_column> columns;
    for (const auto& cell : rows) {
        const auto is = [&](std::size_t at) { return cell[at] == "t"; };
        columns.push_back(
            {*cell[0], *cell[1], {*cell[2], std::atoi(cell[3]->c_str())}, is(4), is(5) || is(6), is(6), is(7), is(8)});
    }
    return columns;
}

std::string why_nothing_can_be_copied(session& on, const table_spec& table) {
    const answer found = on.ask(
        "SELECT relkind, pg_catalog.row_security_active(oid), pg_catalog.current_setting('transaction_read_only')"
        " FROM pg_catalog.pg_class WHERE oid = "
        + table_id(on, table));
    if (found.empty()) return "does not exist; create it, or set create_table";
    const std::string& kind = *found[0][0];
    // Foreign tables and views may well take rows; the trial COPY shows.
    if (kind != "r" && kind != "p" && kind != "v" && kind != "f") return "is no table that rows can be stored into";
    if (found[0][1] == "t") return "has row-level security for this user, which COPY does not work with";
    if (found[0][2] == "on") return "can only be read: the server or the session is read-only";
    return {};
}

std::string why_column_is_unfit(const std::vector<stored_column>& in, const column_spec& column) {
    const auto found = std::ranges::find(in, column.name, &stored_column::name);
    if (found == in.end()) return "has no column " + column.name;
    if (found->computed) return "computes its column " + column.name + " itself; leave it out of the row";
    if (!found->may_insert) return "gives this user no right to INSERT into column " + column.name;
    if (!type_fits(column, found->type))
        return "declares its column " + column.name + " as " + found->declared + ", which would change or refuse "
               + std::string(to_string(column.type)) + " values; declare it as "
               + std::string(declared_type(column.type))
               + (column.type == cell_type::decimal ? ", or give the column the sql_type \"" + found->declared + '"'
                  : column.type == cell_type::text  ? ""
                                                    : ", or make the value a text in the form that you want");
    return {};
}

}  // namespace

bool table_exists(session& on, const table_spec& table) {
    return on.ask("SELECT " + table_id(on, table)).at(0).at(0).has_value();
}

std::string why_table_is_unfit(session& on, const table_spec& table, bool keys_too) {
    if (std::string why = why_nothing_can_be_copied(on, table); !why.empty()) return why;
    const std::vector<stored_column> stored = stored_columns(on, table);
    for (const column_spec& column : table.columns)
        if (std::string why = why_column_is_unfit(stored, column); !why.empty()) return why;
    bool same_key = true;
    for (const stored_column& column : stored) {
        const auto given = std::ranges::find(table.columns, column.name, &column_spec::name);
        if (given == table.columns.end() && column.not_null && !column.filled_in)
            return "has a column " + column.name + " that is NOT NULL, has no default, and gets no value from the row";
        same_key = same_key && column.key == (given != table.columns.end() && given->key);
    }
    if (keys_too && table.has_key() && !same_key)
        return "exists already, with another primary key than that of the program";
    return {};
}

}  // namespace penstock::detail::postgresql
