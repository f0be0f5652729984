#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
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

/// The number that a URL of these tests ends in.
inline std::int64_t number_in(std::string_view url) { return std::stoll(std::string(url.substr(url.rfind('/') + 1))); }

/// A folder, a database in it, and what the dead letters said.
class job_fixture : public ::testing::Test {
protected:
    ~job_fixture() override { close_reader(); }

    database target() const { return database("sqlite:" + (folder_ / "jobs.db").string()); }

    static table<record> records() {
        return table("records", column("id", &record::id).key(), column("name", &record::name));
    }

    /// What a second connection, that of another program, sees in the table; 0 while there is no table.
    std::int64_t rows_seen() { return ask("SELECT count(*) FROM records"); }

    /// Its answer to a question for a number.
    std::int64_t ask(const char* question) {
        if (reader_ == nullptr) {
            if (!std::filesystem::exists(folder_ / "jobs.db")) return 0;
            sqlite3_open_v2((folder_ / "jobs.db").c_str(), &reader_, SQLITE_OPEN_READONLY, nullptr);
            sqlite3_busy_timeout(reader_, 5000);
        }
        sqlite3_stmt* asked = nullptr;
        if (sqlite3_prepare_v2(reader_, question, -1, &asked, nullptr) != SQLITE_OK) return 0;
        const std::int64_t answer = sqlite3_step(asked) == SQLITE_ROW ? sqlite3_column_int64(asked, 0) : -1;
        sqlite3_finalize(asked);
        return answer;
    }

    void close_reader() { sqlite3_close(std::exchange(reader_, nullptr)); }

    dead_letter_sink letters() {
        return [this](const dead_letter& letter) { letters_[letter.origin] = letter; };
    }

    const temporary_folder folder_{in_memory()};
    std::map<std::string, dead_letter> letters_;
    sqlite3* reader_ = nullptr;
};

}  // namespace penstock::testing
