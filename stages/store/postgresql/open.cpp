#include "open.hpp"

#include "merge_sql.hpp"
#include "penstock/errors.hpp"
#include "sql.hpp"
#include "table_check.hpp"

namespace penstock::detail::postgresql {
namespace {

/// A COPY of no rows: it shows what the catalogues do not, and leaves nothing behind.
void try_to_copy(session& on, const table_spec& table) {
    on.run("SAVEPOINT trial");
    on.begin_copy(copy_sql(table));
    on.end_copy();
    on.run("ROLLBACK TO SAVEPOINT trial");
}

/// Makes the temporary table and merges no rows: so the key's index is known to be there, and every privilege.
void prepare_to_merge(session& on, const database& to, const table_spec& table, const std::string& staging,
                      conflict_policy conflicts) {
    on.run(create_staging_sql(table, staging));
    try {
        on.put(merge_sql(table, staging, conflicts));
    } catch (const error& what) {
        if (what.state != "42P10") throw;
        throw preflight_failed("table " + table.name + " in " + to.label()
                               + " has no primary key and no unique index on just the key's columns, which conflicts = "
                               + std::string(to_string(conflicts)) + " needs");
    }
}

void prepare_table(session& on, const database& to, const table_spec& table, const std::string& staging,
                   const store_options& options) {
    // A user who may not create tables can still use one that is there, so it is looked for first.
    if (options.create_table && !table_exists(on, table)) on.run(create_sql(table));
    if (const std::string why = why_table_is_unfit(on, table, options.create_table); !why.empty())
        throw preflight_failed("table " + table.name + " in " + to.label() + " " + why);
    try_to_copy(on, table);
    if (options.conflicts != conflict_policy::error) prepare_to_merge(on, to, table, staging, options.conflicts);
}

void prepare_tables(session& on, const database& to, const table_specs& tables, const store_options& options) {
    on.begin();
    on.run("SET LOCAL lock_timeout = '10s'");
    const std::vector<std::string> staging = staging_names(tables);
    for (std::size_t place = 0; place < tables.size(); ++place) try {
            prepare_table(on, to, *tables[place], staging[place], options);
        } catch (error& what) {
            what.table = place;
            throw;
        }
    on.commit();
}

/// Two programs that create a table at the same time meet in the catalogue; the later one finds it there.
bool created_by_another(const error& what) { return what.state == "42P07" || what.state == "23505"; }

}  // namespace

std::unique_ptr<session> open(const database& to, const table_specs& tables, const store_options& options) {
    try {
        auto opened = std::make_unique<session>(database_access::address(to));
        try {
            prepare_tables(*opened, to, tables, options);
        } catch (const error& what) {
            if (!options.create_table || !created_by_another(what)) throw;
            opened->roll_back();
            prepare_tables(*opened, to, tables, options);
        }
        return opened;
    } catch (const error& what) {
        const table_spec& table = *tables[what.table.value_or(0)];
        throw preflight_failed("cannot store into table " + table.name + " in " + to.label() + ": " + describe(what));
    }
}

}  // namespace penstock::detail::postgresql
