#pragma once

#include <vector>

#include "busy_wait.hpp"
#include "handle.hpp"
#include "penstock/stages/store/database.hpp"
#include "penstock/stages/store/store_options.hpp"
#include "penstock/stages/store/table_spec.hpp"

namespace penstock::detail::sqlite {

/// A file that is ready to be written, and for each table the statement that inserts a row.
struct open_tables {
    handle file;
    std::vector<statement> inserts;
};

/// Opens a file that must exist, and has it wait for locks by `busy`, to which it keeps a pointer. Throws
/// `preflight_failed`.
handle open_to_wait(const database& file, busy_wait& busy);

/// Opens the file, creates the tables that are wanted and do not exist, and checks that every row can be stored
/// as it is. The file keeps a pointer to `busy`. Throws `preflight_failed`.
open_tables open(const database& to, const table_specs& tables, const store_options& options, busy_wait& busy);

}  // namespace penstock::detail::sqlite
