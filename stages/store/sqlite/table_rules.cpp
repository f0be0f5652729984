#include "table_rules.hpp"

#include <sqlite3.h>

#include "penstock/errors.hpp"

namespace penstock::detail::sqlite {

void check_table(const table_spec& table) {
    if (table.parts.size() == 2 && !same_name(table.parts[0], "main"))
        throw bad_option("table " + table.name + ": SQLite has no schema " + table.parts[0]
                         + "; name the table without it");
    if (sqlite3_strnicmp(table.table().c_str(), "sqlite_", 7) == 0)
        throw bad_option("table " + table.name + ": SQLite keeps names that begin with sqlite_ for itself");
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
            if (same_name(table.columns[k].name, table.columns[i].name))
                throw bad_option("table " + table.name + ": SQLite cannot tell the columns " + table.columns[k].name
                                 + " and " + table.columns[i].name + " apart; it ignores case");
}

bool same_name(const std::string& one, const std::string& other) noexcept {
    return sqlite3_stricmp(one.c_str(), other.c_str()) == 0;
}

}  // namespace penstock::detail::sqlite
