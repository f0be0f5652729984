#pragma once

#include <string>

#include "penstock/stages/store/database_options.hpp"
#include "watchdog.hpp"

struct pg_conn;

namespace penstock::detail::postgresql {

/// Opens a connection with libpq, on the first server of the address that takes one, and puts the watchdog on it. Ends
/// in `connect_timeout` a server, and when the watchdog is interrupted. Throws `error`; its message never holds a
/// password. The caller owns what it returns.
pg_conn* connect(const std::string& address, const database_options& options, watchdog& watch);

}  // namespace penstock::detail::postgresql
