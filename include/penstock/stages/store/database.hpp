#pragma once

#include <string>
#include <string_view>

#include "penstock/stages/store/database_options.hpp"

namespace penstock {

namespace detail {
struct database_access;
}

/// The databases that a store can write to.
enum class database_kind : unsigned char { sqlite, postgresql };

/// Which database to store into. Nothing is opened before a run.
///
///     database("sqlite:quotes.db")           // a file, relative to the working directory when the run begins
///     database("sqlite:///var/lib/quotes.db")
///     database("postgresql://user@host/name")  // or postgres://
///
/// The path of a SQLite file is taken as it is, without percent signs decoded; one with a `?` or NUL is refused.
/// "sqlite::memory:" is refused: no second connection could ever see the rows. Throws `bad_option` for anything that is
/// not one of the forms above, for options that cannot work, and for more than one connection to SQLite, which has one
/// writer at a time; the message never quotes the address, for it may hold a password.
class database {
public:
    explicit database(std::string_view url, database_options options = {});

    database_kind kind() const noexcept { return kind_; }

    /// What messages call this database: the address without password and parameters.
    const std::string& label() const noexcept { return label_; }

    const database_options& options() const noexcept { return options_; }

private:
    friend struct detail::database_access;

    database_kind kind_;
    std::string address_;  ///< A file's path, or the whole URL. Secret: it may hold a password.
    std::string label_;
    database_options options_;
};

namespace detail {
/// Hands out what a database's public face keeps to itself, to the code that connects.
struct database_access {
    static const std::string& address(const database& of) noexcept { return of.address_; }
};
}  // namespace detail

}  // namespace penstock
