#include <gtest/gtest.h>
#include <sqlite3.h>

#include "stages/store/sqlite/error.hpp"

namespace penstock::detail::sqlite {
namespace {

TEST(sqlite_error_test, P8_only_what_speaks_of_rows_blames_a_row) {
    for (const int code : {SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_TRIGGER, SQLITE_MISMATCH, SQLITE_TOOBIG})
        EXPECT_EQ(who_is_to_blame({code, ""}), blame::row) << code;
    for (const int code : {SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_READONLY_DBMOVED, SQLITE_CORRUPT, SQLITE_NOTADB,
                           SQLITE_CANTOPEN, SQLITE_NOMEM, SQLITE_PERM, SQLITE_AUTH, SQLITE_MISUSE})
        EXPECT_EQ(who_is_to_blame({code, ""}), blame::world) << code;
    for (const int code : {SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT, SQLITE_LOCKED})
        EXPECT_EQ(who_is_to_blame({code, ""}), blame::moment) << code;
    EXPECT_EQ(who_is_to_blame({SQLITE_ERROR, ""}), blame::maybe_row);
    EXPECT_EQ(who_is_to_blame({SQLITE_INTERRUPT, ""}), blame::interrupt);
}

TEST(sqlite_error_test, S2_a_failed_run_names_what_happened) {
    EXPECT_EQ(reason_name({SQLITE_FULL, ""}), "database_full");
    EXPECT_EQ(reason_name({SQLITE_IOERR_FSYNC, ""}), "database_io");
    EXPECT_EQ(reason_name({SQLITE_READONLY, ""}), "database_read_only");
    EXPECT_EQ(reason_name({SQLITE_READONLY_DBMOVED, ""}), "database_moved");
    EXPECT_EQ(reason_name({SQLITE_CORRUPT_VTAB, ""}), "database_corrupt");
    EXPECT_EQ(reason_name({SQLITE_BUSY, ""}), "database_locked");
    EXPECT_EQ(reason_name({SQLITE_NOMEM, ""}), "out_of_memory");
}

}  // namespace
}  // namespace penstock::detail::sqlite
