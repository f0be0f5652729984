#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"
#include "penstock/stages/store/database_options.hpp"
#include "watchdog.hpp"

namespace penstock::detail::postgresql {

/// The rows of an answer, cells as PostgreSQL writes them; nothing for NULL.
using answer = std::vector<std::vector<std::optional<std::string>>>;

/// A connection to a PostgreSQL server and the transaction that is open on it. The only place that knows libpqxx, and
/// that it has several versions: libpqxx owns the connection and asks, libpq takes the ready-made text of a COPY, for
/// which libpqxx 7 has no door. Whatever fails throws `error`. One thread at a time; the watchdog, which outlives it,
/// ends its waits for the server.
///
/// It is never opened again once the link is lost: its settings would be gone.
class session {
public:
    /// Connects and makes the settings that penstock relies on.
    session(const std::string& address, const database_options& options, watchdog& watch);
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// The server hears of it with the first statement.
    void begin();
    /// Statements that go out with the next one, in front of it: one way to the server for both. They belong to the
    /// transaction that has begun; where they meet a conflict, the error is `owed`. What follows must know of none.
    void owe(const std::string& sql);
    /// Sends what is still owed, if it is more than the beginning.
    void pay();
    /// An error with `in_doubt` says that nobody knows; after any other nothing was committed.
    void commit();
    /// Ends the transaction, if there is one, and the COPY in it. Its own failure means that nothing was committed.
    void roll_back() noexcept;

    /// Runs statements whose rows nobody wants, inside the open transaction.
    void run(const std::string& sql) { (void)ask(sql); }
    answer ask(const std::string& sql);

    /// Begins a COPY … FROM STDIN.
    void begin_copy(const std::string& sql);
    /// Sends a part of the text, cut anywhere. What the server thinks of it is heard at the end.
    void send(std::string_view part);
    /// Ends the COPY. `meanwhile` is done while the server is still at work on it.
    void end_copy(const std::function<void()>& meanwhile = [] {});

    /// Runs a statement that puts rows into a table. An error of it holds all that the server said.
    void put(const std::string& sql);

    /// How many statements the server was given so far.
    std::uint64_t statements() const noexcept { return statements_; }

    /// A text as SQL has it, in quotes.
    std::string quoted_text(const std::string& text) const;

    /// The server's version in libpq's form, such as 150004.
    int server_version() const noexcept;

    /// True if another transaction can begin on it.
    bool usable() const noexcept;

private:
    struct link;

    watchdog& watch_;
    std::unique_ptr<link> link_;
    std::uint64_t statements_ = 0;
};

}  // namespace penstock::detail::postgresql
