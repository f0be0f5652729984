#pragma once

#include "busy_wait.hpp"
#include "handle.hpp"
#include "penstock/stages/store/database.hpp"
#include "penstock/stages/store/store_options.hpp"
#include "penstock/stages/store/table_spec.hpp"

namespace penstock::detail::sqlite {

/// A file that is ready to be written, and the statement that inserts a row.
struct open_table {
    handle file;
    statement insert;
};

/// Opens the file, creates the table if that is wanted and it does not exist, and checks that every row can be stored
/// as it is. The file keeps a pointer to `busy`. Throws `preflight_failed`.
open_table open(const database& to, const table_spec& table, const store_options& options, busy_wait& busy);

}  // namespace penstock::detail::sqlite
