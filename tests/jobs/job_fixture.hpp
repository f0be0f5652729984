#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "penstock/compose.hpp"
#include "penstock/errors.hpp"
#include "penstock/sources/from.hpp"
#include "penstock/stages/fetch.hpp"
#include "penstock/stages/store.hpp"
#include "penstock/testing/http_server.hpp"
#include "tests/account.hpp"
#include "tests/temporary_folder.hpp"

namespace penstock::testing {

struct record {
    std::int64_t id = 0;
    std::string name;
};

/// A folder, a database in it, and what the dead letters said.
class job_fixture : public ::testing::Test {
protected:
    ~job_fixture() override { sqlite3_close(reader_); }

    database target() const { return database("sqlite:" + (folder_ / "jobs.db").string()); }

    static table<record> records() {
        return table("records", column("id", &record::id).key(), column("name", &record::name));
    }

    /// What a second connection, that of another program, sees in the table; 0 while there is no table.
    std::int64_t rows_seen() {
        if (reader_ == nullptr) {
            if (!std::filesystem::exists(folder_ / "jobs.db")) return 0;
            sqlite3_open_v2((folder_ / "jobs.db").c_str(), &reader_, SQLITE_OPEN_READONLY, nullptr);
            sqlite3_busy_timeout(reader_, 5000);
        }
        sqlite3_stmt* count = nullptr;
        if (sqlite3_prepare_v2(reader_, "SELECT count(*) FROM records", -1, &count, nullptr) != SQLITE_OK) return 0;
        const std::int64_t rows = sqlite3_step(count) == SQLITE_ROW ? sqlite3_column_int64(count, 0) : -1;
        sqlite3_finalize(count);
        return rows;
    }

    dead_letter_sink letters() {
        return [this](const dead_letter& letter) { letters_[letter.origin] = letter; };
    }

    temporary_folder folder_;
    std::map<std::string, dead_letter> letters_;
    sqlite3* reader_ = nullptr;
};

}  // namespace penstock::testing
