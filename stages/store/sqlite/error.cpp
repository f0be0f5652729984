#include "error.hpp"

#include <sqlite3.h>

namespace penstock::detail::sqlite {

blame who_is_to_blame(const error& what) noexcept {
    switch (what.primary()) {
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG: return blame::row;
        case SQLITE_ERROR: return blame::maybe_row;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_SCHEMA:
        case SQLITE_PROTOCOL: return blame::moment;
        case SQLITE_INTERRUPT: return blame::interrupt;
        default: return blame::world;
    }
}

std::string reason_name(const error& what) {
    if (what.code == SQLITE_READONLY_DBMOVED) return "database_moved";
    switch (what.primary()) {
        case SQLITE_FULL: return "database_full";
        case SQLITE_IOERR: return "database_io";
        case SQLITE_READONLY: return "database_read_only";
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return "database_corrupt";
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL: return "database_locked";
        case SQLITE_CANTOPEN: return "database_unreachable";
        case SQLITE_NOMEM: return "out_of_memory";
        case SQLITE_SCHEMA:
        case SQLITE_ERROR: return "database_changed";
        default: return "database_error";
    }
}

}  // namespace penstock::detail::sqlite
