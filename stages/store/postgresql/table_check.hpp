#pragma once

#include <string>

#include "penstock/stages/store/table_spec.hpp"
#include "session.hpp"

namespace penstock::detail::postgresql {

/// True if the database has a table, or anything else with rows, of this name.
bool table_exists(session& on, const table_spec& table);

/// Says why rows of this table cannot be stored as they are into the one that the database has; empty if they can. The
/// primary key is compared only if `keys_too`. Wants an open transaction. Throws `error`.
std::string why_table_is_unfit(session& on, const table_spec& table, bool keys_too);

}  // namespace penstock::detail::postgresql
