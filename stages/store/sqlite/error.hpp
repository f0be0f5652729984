#pragma once

#include <string>

namespace penstock::detail::sqlite {

/// What SQLite said: its extended result code and its message. Thrown inside this folder only.
struct error {
    int code;
    std::string message;

    /// The code without its extension.
    int primary() const noexcept { return code & 0xff; }
};

/// What an error means for the batch that met it.
enum class blame : unsigned char {
    row,        ///< The table refused a row: constraint, type, size.
    maybe_row,  ///< A row if the statement itself is still sound: what functions in a CHECK or a trigger raise.
    moment,     ///< Somebody else holds a lock.
    interrupt,
    world,  ///< Disk, file, memory, or penstock itself.
};
blame who_is_to_blame(const error& what) noexcept;

/// The name that a failed run's reason begins with, such as "database_full".
std::string reason_name(const error& what);

}  // namespace penstock::detail::sqlite
