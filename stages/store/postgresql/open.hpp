#pragma once

#include <memory>

#include "penstock/stages/store/database.hpp"
#include "penstock/stages/store/store_options.hpp"
#include "penstock/stages/store/table_spec.hpp"
#include "session.hpp"
#include "watchdog.hpp"

namespace penstock::detail::postgresql {

/// Connects, creates the tables that are wanted and do not exist, and checks that every row can be stored as it is. A
/// server that is only starting, or has no connection to spare, is asked again for `connect_timeout`. Throws
/// `preflight_failed`.
std::unique_ptr<session> open(const database& to, const table_specs& tables, const store_options& options,
                              watchdog& watch);

/// The same in the middle of a run: one try, and a table that is gone is not created again, for what was committed was
/// in it. Throws `error`, or `preflight_failed` for tables that are not fit any more.
std::unique_ptr<session> open_again(const database& to, const table_specs& tables, const store_options& options,
                                    watchdog& watch);

}  // namespace penstock::detail::postgresql
