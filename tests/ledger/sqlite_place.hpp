#pragma once

#include <string>
#include <vector>

#include "penstock/stages/store/database.hpp"
#include "tests/store/sqlite_file.hpp"

namespace penstock::testing {

/// A SQLite file with nothing in it.
class sqlite_place {
public:
    std::string address() const { return "sqlite:" + (folder_ / "ledger.db").string(); }
    database target() const { return database(address()); }
    void run(const std::string& sql) const { other_.run(sql); }
    std::vector<std::string> ask(const std::string& sql) const { return other_.ask(sql); }
    std::string value(const std::string& sql) const { return other_.value(sql); }

private:
    const temporary_folder folder_{in_memory()};
    const other_program other_{folder_ / "ledger.db"};
};

}  // namespace penstock::testing
