#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/temporary_folder.hpp"

namespace penstock::testing {

/// Another program's view of the database: a second connection.
class other_program {
public:
    explicit other_program(const std::filesystem::path& file) {
        if (sqlite3_open(file.c_str(), &open_) != SQLITE_OK) throw std::runtime_error("cannot open");
        sqlite3_busy_timeout(open_, 5000);
    }
    ~other_program() { sqlite3_close(open_); }
    other_program(const other_program&) = delete;
    other_program& operator=(const other_program&) = delete;

    void run(const std::string& sql) const {
        if (sqlite3_exec(open_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(open_));
    }

    /// The answer's rows, cells joined with '|'.
    std::vector<std::string> ask(const std::string& sql) const {
        std::vector<std::string> rows;
        const auto keep = [](void* to, int cells, char** values, char**) {
            std::string row;
            for (int i = 0; i < cells; ++i) {
                if (i != 0) row += '|';
                row += values[i] == nullptr ? "NULL" : values[i];
            }
            static_cast<std::vector<std::string>*>(to)->push_back(std::move(row));
            return 0;
        };
        if (sqlite3_exec(open_, sql.c_str(), keep, &rows, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(open_));
        return rows;
    }

    /// The one cell of an answer of one row.
    std::string value(const std::string& sql) const { return ask(sql).at(0); }

    sqlite3* native() const noexcept { return open_; }

private:
    sqlite3* open_ = nullptr;
};

}  // namespace penstock::testing
