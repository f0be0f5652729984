#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>

namespace penstock::testing {

/// Another program that holds the write lock of a SQLite file. One thread at a time.
class busy_database {
public:
    explicit busy_database(std::filesystem::path file) : file_(std::move(file)) {}
    ~busy_database() { sqlite3_close(open_); }
    busy_database(const busy_database&) = delete;
    busy_database& operator=(const busy_database&) = delete;

    void lock() { run("BEGIN IMMEDIATE"); }
    void unlock() { run("ROLLBACK"); }

private:
    void run(const char* sql) {
        if (open_ == nullptr && sqlite3_open(file_.c_str(), &open_) != SQLITE_OK) {
            throw std::runtime_error("cannot open " + file_.string());
        }
        sqlite3_busy_timeout(open_, 10'000);
        if (sqlite3_exec(open_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
            throw std::runtime_error(std::string(sql) + ": " + sqlite3_errmsg(open_));
        }
    }

    std::filesystem::path file_;
    sqlite3* open_ = nullptr;
};

}  // namespace penstock::testing
