#pragma once

#include <string>

#include "penstock/stages/store/table_spec.hpp"

namespace penstock::detail::sqlite {

/// What SQLite can never have, whatever the file holds: a schema other than "main", names that differ only in case,
/// reserved names. Throws `bad_option`.
void check_table(const table_spec& table);

/// True if SQLite takes two names for the same: it ignores the case of ASCII letters.
bool same_name(const std::string& one, const std::string& other) noexcept;

}  // namespace penstock::detail::sqlite
