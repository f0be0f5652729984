#pragma once

#include <string>
#include <vector>

#include "penstock/stages/store/store_options.hpp"
#include "penstock/stages/store/table_spec.hpp"

// What settles conflicts: rows are copied into a temporary table with the columns of the real one, and put from there
// into the real one by a statement that knows what to do with a key that is there already.

namespace penstock::detail::postgresql {

/// The bare names of the temporary tables, one for each table of the store. None is that of a table of the store: a
/// temporary table hides others of its name.
std::vector<std::string> staging_names(const table_specs& tables);

/// Makes the temporary table, for the session. Its rows go with each transaction.
std::string create_staging_sql(const table_spec& table, const std::string& staging);

std::string truncate_staging_sql(const std::string& staging);
std::string copy_staging_sql(const table_spec& table, const std::string& staging);

/// Puts the rows into the real table, as if one after the other: of several with one key the last one wins, or the
/// first where conflicts are ignored. Not for `conflict_policy::error`.
std::string merge_sql(const table_spec& table, const std::string& staging, conflict_policy conflicts);

}  // namespace penstock::detail::postgresql
