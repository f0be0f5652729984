#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace penstock::detail::sqlite {

struct closer {
    void operator()(sqlite3* of) const noexcept;
    void operator()(sqlite3_stmt* of) const noexcept;
};
using statement = std::unique_ptr<sqlite3_stmt, closer>;

/// An open database file. Whatever fails throws `error`. One thread at a time, all but `interrupt`.
class handle {
public:
    /// Opens a file for reading and writing; makes it if that is wanted and it does not exist.
    handle(const std::string& path, bool create);

    sqlite3* native() const noexcept { return open_.get(); }

    /// Runs statements that give no rows, or whose rows nobody wants.
    void run(const std::string& sql) const;

    statement prepare(std::string_view sql) const;

    /// Goes to a query's next row; false at its end.
    bool step(const statement& of) const;

    /// What SQLite said last, with what the system said about it where it did.
    error last_error() const;

    /// Throws `last_error` if the code is an error.
    void check(int code) const;

    /// True between BEGIN and COMMIT or ROLLBACK; some errors roll back by themselves.
    bool in_transaction() const noexcept;

    /// Rolls back if there is anything to roll back. Its own failure means that nothing was.
    void roll_back() const noexcept;

    /// True if SQLite can only read the file.
    bool read_only() const noexcept;

    /// True if the path does not lead to the opened file any more.
    bool moved() const noexcept;

    /// True if a foreign key of the open transaction still points nowhere.
    bool foreign_keys_pending() const noexcept;

    void interrupt() const noexcept;

private:
    std::unique_ptr<sqlite3, closer> open_;
};

}  // namespace penstock::detail::sqlite
