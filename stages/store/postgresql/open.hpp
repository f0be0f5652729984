#pragma once

#include <memory>

#include "penstock/stages/store/database.hpp"
#include "penstock/stages/store/store_options.hpp"
#include "penstock/stages/store/table_spec.hpp"
#include "session.hpp"

namespace penstock::detail::postgresql {

/// Connects, creates the tables that are wanted and do not exist, and checks that every row can be stored as it
/// is. Waits no longer than 10 s for a lock. Throws `preflight_failed`.
std::unique_ptr<session> open(const database& to, const table_specs& tables, const store_options& options);

}  // namespace penstock::detail::postgresql
