#include "merge_sql.hpp"

#include <algorithm>

#include "../quoted_name.hpp"
#include "sql.hpp"

namespace penstock::detail::postgresql {
namespace {

std::string quoted_staging(const std::string& staging) { return "pg_temp." + quoted_name(staging); }

/// Texts with commas between them.
class list {
public:
    list& operator+=(const std::string& text) {
        text_.append(text_.empty() ? "" : ", ").append(text);
        return *this;
    }
    bool empty() const noexcept { return text_.empty(); }
    const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
};

std::string columns_of(const table_spec& table) {
    list columns;
    for (const column_spec& column : table.columns) columns += quoted_name(column.name);
    return columns.text();
}

}  // namespace

std::vector<std::string> staging_names(const table_specs& tables) {
    std::string prefix;
    std::size_t number = 0;
    const auto hides = [&](const auto& table) { return table->table().starts_with(prefix); };
    do {
        prefix = "penstock_staging_" + std::to_string(number++) + "_";
    } while (std::ranges::any_of(tables, hides));
    std::vector<std::string> names;
    for (std::size_t place = 0; place < tables.size(); ++place) names.push_back(prefix + std::to_string(place));
    return names;
}

std::string create_staging_sql(const table_spec& table, const std::string& staging) {
    return "CREATE TEMPORARY TABLE " + quoted_name(staging) + " ON COMMIT DELETE ROWS AS SELECT " + columns_of(table)
           + " FROM " + quoted_table(table) + " WITH NO DATA";
}

std::string truncate_staging_sql(const std::string& staging) { return "TRUNCATE " + quoted_staging(staging); }

std::string copy_staging_sql(const table_spec& table, const std::string& staging) {
    return "COPY " + quoted_staging(staging) + " (" + columns_of(table) + ") FROM STDIN";
}

std::string merge_sql(const table_spec& table, const std::string& staging, conflict_policy conflicts) {
    list keys;
    list changes;
    list present;
    list given;
    for (const column_spec& column : table.columns) {
        const std::string name = quoted_name(column.name);
        if (column.key) {
            keys += name;
            continue;
        }
        changes += name + " = EXCLUDED." + name;
        // json has no way to compare; its text has.
        const std::string compared = column.type == cell_type::json ? name + "::text" : name;
        present += "present." + compared;
        given += "EXCLUDED." + compared;
    }
    const bool ignore = conflicts == conflict_policy::ignore;
    // The temporary table is empty whenever a COPY into it begins, so rows are where they came: ctid is their order.
    std::string sql = "INSERT INTO " + quoted_table(table) + " AS present (" + columns_of(table) + ") SELECT "
                      + (ignore ? "" : "DISTINCT ON (" + keys.text() + ") ") + columns_of(table) + " FROM "
                      + quoted_staging(staging) + " ORDER BY " + (ignore ? "ctid" : keys.text() + ", ctid DESC")
                      + " ON CONFLICT (" + keys.text() + ") DO ";
    if (ignore || changes.empty()) return sql + "NOTHING";
    sql += "UPDATE SET " + changes.text();
    if (conflicts == conflict_policy::update_if_different)
        sql += " WHERE (" + present.text() + ") IS DISTINCT FROM (" + given.text() + ")";
    return sql;
}

}  // namespace penstock::detail::postgresql
