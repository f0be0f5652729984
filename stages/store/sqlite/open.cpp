#include "open.hpp"

#include <sqlite3.h>

#include <filesystem>

#include "penstock/errors.hpp"
#include "sql.hpp"
#include "table_check.hpp"

namespace penstock::detail::sqlite {
namespace {

namespace fs = std::filesystem;

/// A path that begins with "file:" would be a URI to some builds of SQLite.
std::string plain_path(const std::string& address) { return address.starts_with("file:") ? "./" + address : address; }

std::string explain(const error& what, const fs::path& path, const store_options& options, const busy_wait& busy) {
    std::error_code ignored;
    switch (what.primary()) {
        case SQLITE_CANTOPEN:
            if (path.has_parent_path() && !fs::exists(path.parent_path(), ignored))
                return "the folder " + path.parent_path().string() + " does not exist";
            if (fs::is_directory(path, ignored)) return "it is a folder";
            if (!options.create_table && !fs::exists(path, ignored))
                return "the file does not exist; create it with its table, or set create_table";
            return what.message;
        case SQLITE_NOTADB: return "the file is not a SQLite database";
        case SQLITE_BUSY:
            if (busy.interrupted()) return "another program keeps it locked";
            return "another program has kept it locked for " + std::to_string(options.busy_timeout.count()) + " ms";
        default: return what.message;
    }
}

void prepare_tables(const handle& file, const database& to, const table_specs& tables, const store_options& options) {
    // In one transaction, so that of several programs that begin at once only one creates the tables. It also shows
    // whether the file can be written, before anything is taken.
    file.run("BEGIN IMMEDIATE");
    for (const auto& table : tables) {
        if (options.create_table && !table_exists(file, *table)) file.run(create_sql(*table));
        if (const std::string why = why_table_is_unfit(file, *table, options.create_table); !why.empty())
            throw preflight_failed("table " + table->name + " in " + to.label() + " " + why);
    }
    file.run("COMMIT");
}

statement prepare_insert(const handle& file, const database& to, const table_spec& table,
                         const store_options& options) {
    try {
        return file.prepare(insert_sql(table, options.conflicts));
    } catch (const error& what) {
        if (!what.message.starts_with("ON CONFLICT clause does not match")) throw;
        throw preflight_failed("table " + table.name + " in " + to.label()
                               + " has no primary key and no unique index on just the key's columns, which conflicts = "
                               + std::string(to_string(options.conflicts)) + " needs");
    }
}

/// SQLite does not ask the busy handler about a lock that another program takes for writing while this one changes the
/// journal, as programs that begin at the same time do.
void switch_to_wal(const handle& file, busy_wait& busy) {
    for (int waits = 0;; ++waits) {
        try {
            // File systems without shared memory stay with their journal: slower, and readers wait, but as safe.
            file.run("PRAGMA journal_mode = WAL");
            return;
        } catch (const error& what) {
            if (what.primary() != SQLITE_BUSY || !busy.wait(waits)) throw;
        }
    }
}

/// Lets the file wait for locks in our way.
void wait_by(const handle& file, busy_wait& busy) {
    const auto wait = [](void* on, int count) { return static_cast<busy_wait*>(on)->wait(count) ? 1 : 0; };
    file.check(sqlite3_busy_handler(file.native(), wait, &busy));
}

}  // namespace

handle open_to_wait(const database& file, busy_wait& busy) {
    try {
        handle opened(plain_path(database_access::address(file)), false);
        wait_by(opened, busy);
        opened.run("PRAGMA synchronous = FULL");
        return opened;
    } catch (const error& what) {
        throw preflight_failed("cannot open " + file.label() + ": " + what.message);
    }
}

open_tables open(const database& to, const table_specs& tables, const store_options& options, busy_wait& busy) {
    const std::string path = plain_path(database_access::address(to));
    try {
        handle file(path, options.create_table);
        wait_by(file, busy);
        if (file.read_only()) throw error{SQLITE_READONLY, "the file can only be read"};
        file.run("PRAGMA synchronous = FULL");
        file.run("PRAGMA foreign_keys = ON");
        prepare_tables(file, to, tables, options);
        switch_to_wal(file, busy);
        std::vector<statement> inserts;
        for (const auto& table : tables) inserts.push_back(prepare_insert(file, to, *table, options));
        return {std::move(file), std::move(inserts)};
    } catch (const error& what) {
        throw preflight_failed("cannot store into " + to.label() + ": " + explain(what, path, options, busy));
    }
}

}  // namespace penstock::detail::sqlite
