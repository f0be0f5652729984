#include "open.hpp"

#include <chrono>

#include "../retry_schedule.hpp"
#include "merge_sql.hpp"
#include "penstock/errors.hpp"
#include "server_fit.hpp"
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
        if (what.state == "42501")
            throw preflight_failed(
                "table " + table.name + " in " + to.label() + " gives this user not all rights that conflicts = "
                + std::string(to_string(conflicts)) + " needs: INSERT, SELECT"
                + (conflicts == conflict_policy::ignore ? "" : ", UPDATE") + "; it says " + describe(what));
        if (what.state != "42P10") throw;
        throw preflight_failed("table " + table.name + " in " + to.label()
                               + " has no primary key and no unique index on just the key's columns, which conflicts = "
                               + std::string(to_string(conflicts)) + " needs");
    }
}

void prepare_table(session& on, const database& to, const table_spec& table, const std::string& staging,
                   const store_options& options, bool may_create) {
    // A user who may not create tables can still use one that is there, so it is looked for first.
    if (may_create && !table_exists(on, table)) on.run(create_sql(table));
    if (const std::string why = why_table_is_unfit(on, table, options.create_table); !why.empty())
        throw preflight_failed("table " + table.name + " in " + to.label() + " " + why);
    try_to_copy(on, table);
    if (options.conflicts != conflict_policy::error) prepare_to_merge(on, to, table, staging, options.conflicts);
}

void prepare_tables(session& on, const database& to, const table_specs& tables, const store_options& options,
                    bool may_create) {
    if (const std::string why = why_version_is_unfit(on.server_version()); !why.empty())
        throw preflight_failed(to.label() + " " + why);
    on.begin();
    const std::vector<std::string> staging = staging_names(tables);
    for (std::size_t place = 0; place < tables.size(); ++place) try {
            prepare_table(on, to, *tables[place], staging[place], options, may_create);
        } catch (error& what) {
            what.table = place;
            throw;
        }
    on.commit();
}

/// Two programs that create a table at the same time meet in the catalogue; the later one finds it there.
bool created_by_another(const error& what) { return what.state == "42P07" || what.state == "23505"; }

/// Connects; if the server says that it cannot yet, again and again.
std::unique_ptr<session> connect_patiently(const database& to, watchdog& watch) {
    retry_schedule schedule(to.options().connect_timeout);
    for (;;) try {
            return std::make_unique<session>(database_access::address(to), to.options(), watch);
        } catch (const error& what) {
            if (what.state != "57P03" && what.state != "53300") throw;
            const auto pause = schedule.after_failure(std::chrono::steady_clock::now(), retry_schedule::any_number, 0);
            if (!pause || !watch.pause(*pause)) throw;
        }
}

}  // namespace

std::unique_ptr<session> open(const database& to, const table_specs& tables, const store_options& options,
                              watchdog& watch) {
    try {
        auto opened = connect_patiently(to, watch);
        try {
            prepare_tables(*opened, to, tables, options, options.create_table);
        } catch (const error& what) {
            if (!options.create_table || !created_by_another(what)) throw;
            opened->roll_back();
            prepare_tables(*opened, to, tables, options, options.create_table);
        }
        return opened;
    } catch (const error& what) {
        const table_spec& table = *tables[what.table.value_or(0)];
        throw preflight_failed("cannot store into table " + table.name + " in " + to.label() + ": "
                               + (watch.interrupted() ? "the wait for the server was ended" : describe(what)));
    }
}

std::unique_ptr<session> open_again(const database& to, const table_specs& tables, const store_options& options,
                                    watchdog& watch) {
    auto opened = std::make_unique<session>(database_access::address(to), to.options(), watch);
    try {
        prepare_tables(*opened, to, tables, options, false);
    } catch (error& what) {
        what.in_doubt = false;  // No row was sent yet.
        throw;
    }
    return opened;
}

}  // namespace penstock::detail::postgresql
