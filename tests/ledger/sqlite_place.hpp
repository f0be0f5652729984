#pragma once

#include <string>
#include <vector>

#include "penstock/stages/store/database.hpp"
#include "tests/store/sqlite_file.hpp"

namespace penstock::testing {

/// A SQLite file with nothing in it.
class sqlite_place {
public:
    /// The column `key` of a ledger as digits.
    static constexpr const char* digits = "lower(hex(key))";
    /// Whether a batch that is written again is told from others: here no answer is ever lost.
    static constexpr bool knows_its_batches = false;
    /// How many schedules take about a second.
    static constexpr std::uint64_t schedules = 30;

    std::string address() const { return "sqlite:" + (folder_ / "ledger.db").string(); }
    database target() const { return database(address()); }
    void run(const std::string& sql) const { other_.run(sql); }
    std::vector<std::string> ask(const std::string& sql) const { return other_.ask(sql); }
    std::string value(const std::string& sql) const { return other_.value(sql); }

    /// Two days pass by for a ledger.
    void make_older(const std::string& ledger) const {
        run("UPDATE penstock_ledgers SET begun = begun - 172800 WHERE name = '" + ledger + "'");
        run("UPDATE penstock_ledger SET settled = settled - 172800 "
            "WHERE ledger = (SELECT id FROM penstock_ledgers WHERE name = '"
            + ledger + "')");
    }

    /// Whatever is put into this table is refused.
    void refuse_inserts(const std::string& table) const {
        run("CREATE TRIGGER refuse BEFORE INSERT ON " + table + " BEGIN SELECT RAISE(ABORT, 'refused'); END");
    }
    void allow_inserts(const std::string&) const { run("DROP TRIGGER refuse"); }

    /// What the file holds at this moment, in another file; its address.
    std::string copy() const {
        const std::string file = (folder_ / "copy.db").string();
        run("VACUUM INTO '" + file + "'");
        return "sqlite:" + file;
    }
    static std::vector<std::string> ask_at(const std::string& address, const std::string& sql) {
        return other_program(address.substr(address.find(':') + 1)).ask(sql);
    }

private:
    const temporary_folder folder_{in_memory()};
    const other_program other_{folder_ / "ledger.db"};
};

}  // namespace penstock::testing
