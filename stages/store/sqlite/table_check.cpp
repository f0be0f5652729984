#include "table_check.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <vector>

#include "sql.hpp"
#include "table_rules.hpp"
#include "type_fit.hpp"

static_assert(SQLITE_VERSION_NUMBER >= 3037000, "penstock needs SQLite 3.37 or later, for STRICT tables");

namespace penstock::detail::sqlite {
namespace {

/// A table as the file has it.
struct stored_table {
    struct column {
        std::string name;
        std::string declared;
        bool not_null = false;
        bool has_default = false;
        int key_place = 0;  ///< From 1; 0 if it is no part of the primary key.
        bool generated = false;
    };
    bool found = false;
    bool view = false;
    bool strict = false;
    bool without_rowid = false;
    std::vector<column> columns;

    /// True if SQLite makes up a value for the column by itself.
    bool fills_in(const column& of) const { return of.has_default || of.generated || !of.not_null || is_rowid(of); }

    /// True if the column is the table's own number of a row, for which a NULL means a new one.
    bool is_rowid(const column& of) const {
        const auto keys =
            std::count_if(columns.begin(), columns.end(), [](const column& c) { return c.key_place > 0; });
        return of.key_place == 1 && keys == 1 && !without_rowid && same_name(of.declared, "INTEGER");
    }
};

std::string text_of(const statement& from, int column) {
    const auto* text = sqlite3_column_text(from.get(), column);
    return text == nullptr ? std::string() : reinterpret_cast<const char*>(text);
}

/// A query on one table of the file. The name is a parameter, never a part of the statement.
statement ask(const handle& file, std::string_view sql, const std::string& table) {
    statement query = file.prepare(sql);
    file.check(sqlite3_bind_text(query.get(), 1, table.data(), static_cast<int>(table.size()), SQLITE_TRANSIENT));
    return query;
}

stored_table look_up(const handle& file, const std::string& name) {
    stored_table table;
    const statement kind = ask(file, "SELECT type, strict, wr FROM pragma_table_list(?1) WHERE schema = 'main'", name);
    if (!file.step(kind)) return table;
    table.found = true;
    table.view = text_of(kind, 0) == "view";
    table.strict = sqlite3_column_int(kind.get(), 1) != 0;
    table.without_rowid = sqlite3_column_int(kind.get(), 2) != 0;
    const statement columns = ask(
        file, "SELECT name, type, \"notnull\", dflt_value IS NOT NULL, pk, hidden FROM pragma_table_xinfo(?1, 'main')",
        name);
    while (file.step(columns)) {
        const auto number = [&](int column) { return sqlite3_column_int(columns.get(), column); };
        table.columns.push_back(
            {text_of(columns, 0), text_of(columns, 1), number(2) != 0, number(3) != 0, number(4), number(5) >= 2});
    }
    return table;
}

std::string why_column_is_unfit(const stored_table& in, const column_spec& column) {
    const auto found = std::find_if(in.columns.begin(), in.columns.end(),
                                    [&](const auto& stored) { return same_name(stored.name, column.name); });
    if (found == in.columns.end()) return "has no column " + column.name;
    if (found->generated) return "computes its column " + column.name + " itself; leave it out of the row";
    if (!type_fits(column.type, found->declared, in.strict))
        return "declares its column " + column.name + " as " + (found->declared.empty() ? "nothing" : found->declared)
               + ", which would change or refuse " + std::string(to_string(column.type)) + " values; declare it as "
               + std::string(declared_type(column.type));
    if (column.nullable && in.is_rowid(*found))
        return "numbers its column " + column.name
               + " itself where a row has no value; make it not optional, or leave it out of the row";
    return {};
}

bool same_key(const stored_table& in, const table_spec& table) {
    return std::all_of(table.columns.begin(), table.columns.end(),
                       [&](const column_spec& column) {
                           return std::any_of(in.columns.begin(), in.columns.end(), [&](const auto& stored) {
                               return same_name(stored.name, column.name) && (stored.key_place > 0) == column.key;
                           });
                       })
           && std::count_if(in.columns.begin(), in.columns.end(), [](const auto& stored) {
                  return stored.key_place > 0;
              }) == std::count_if(table.columns.begin(), table.columns.end(), [](const auto& column) {
                  return column.key;
              });
}

}  // namespace

bool table_exists(const handle& file, const table_spec& table) { return look_up(file, table.table()).found; }

std::string why_table_is_unfit(const handle& file, const table_spec& table, bool keys_too) {
    const stored_table stored = look_up(file, table.table());
    if (!stored.found) return "does not exist; create it, or set create_table";
    if (stored.view) return "is a view; rows are stored into tables only";
    for (const column_spec& column : table.columns)
        if (std::string why = why_column_is_unfit(stored, column); !why.empty()) return why;
    for (const auto& column : stored.columns) {
        const bool given = std::any_of(table.columns.begin(), table.columns.end(),
                                       [&](const column_spec& own) { return same_name(own.name, column.name); });
        if (!given && !stored.fills_in(column))
            return "has a column " + column.name + " that is NOT NULL, has no default, and gets no value from the row";
    }
    if (keys_too && table.has_key() && !same_key(stored, table))
        return "exists already, with another primary key than that of the program";
    return {};
}

}  // namespace penstock::detail::sqlite
