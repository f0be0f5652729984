#pragma once

#include <string>

#include "handle.hpp"
#include "penstock/stages/store/table_spec.hpp"

namespace penstock::detail::sqlite {

/// True if the file has a table, or anything else, of this name.
bool table_exists(const handle& file, const table_spec& table);

/// Says why rows of this table cannot be stored as they are into the one that the file has; empty if they can. The
/// primary key is compared only if `keys_too`. Throws `error`.
std::string why_table_is_unfit(const handle& file, const table_spec& table, bool keys_too);

}  // namespace penstock::detail::sqlite
