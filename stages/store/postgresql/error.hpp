#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::detail::postgresql {

/// What PostgreSQL or the link to it said. Thrown inside this folder only.
struct error {
    std::string state{};                 ///< SQLSTATE; empty where only libpq spoke.
    std::string message{};               ///< One line.
    std::string detail{};                ///< One line, for a dead letter only: it may hold a row.
    std::string context{};               ///< Where it happened, as the server says it; may hold a row.
    std::string column{};                ///< The column that it is about, if the server names one.
    std::optional<std::size_t> table{};  ///< The place of the table that it was about, if that is known.
    bool before_rows = false;            ///< The statement itself was refused, before it was given a row.
    bool owed = false;                   ///< A conflict of what was owed, and not of the statement behind it.
    bool link_lost = false;              ///< Nothing can be sent any more.
    bool in_doubt = false;               ///< COMMIT was sent, and no answer to it came.

    /// The first two letters of the SQLSTATE, which say what kind of error it is.
    std::string_view kind() const noexcept { return std::string_view(state).substr(0, 2); }
};

/// What an error means for the batch that met it.
enum class blame : unsigned char {
    row,     ///< The table refused a row.
    moment,  ///< A lock, a deadlock, a timeout: nobody's fault and perhaps over soon.
    link,    ///< The link was lost, or the server ends, starts, or is full: a new link may do.
    server,  ///< A full disk, no memory, an I/O error, a backend that crashed: a few tries may show that it is over.
    world,   ///< The user, the table, a server that can only be read, or penstock itself: no try would help.
};
blame who_is_to_blame(const error& what) noexcept;

/// True if a key is there already.
bool is_conflict(const error& what) noexcept;

/// The name that a failed run's reason begins with, such as "database_full".
std::string reason_name(const error& what);

/// SQLSTATE and message, as a reason has them.
std::string describe(const error& what);

/// A text of the server in one line of at most 500 bytes: it may quote a whole row.
std::string one_line(std::string_view text);

/// The same with the detail, as a dead letter has them: "Key (id)=(2) already exists" says more than the message. What
/// would be the whole row is left out.
std::string describe_row_error(const error& what);

/// The message that libpq made of an answer, without severity, detail, hints and context. Whatever the language.
std::string message_of(std::string_view answer);

/// Why libpq could not connect, in its words of the verbose kind: only those tell the SQLSTATE.
error connect_error(std::string_view said);

/// What the context of a COPY's error points at.
struct copy_place {
    std::size_t line;         ///< Of the COPY's text, from 1.
    std::string_view behind;  ///< What follows the line's number: ", column price: …", or ": " and the row.
};

/// The words "line" and "column" are translated; the form is not, mostly. Values in the context cannot be taken for it.
std::optional<copy_place> place_of(std::string_view context, std::string_view table);

/// True if what follows the line's number names this column.
bool names_column(std::string_view behind, std::string_view column);

}  // namespace penstock::detail::postgresql
