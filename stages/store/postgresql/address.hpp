#pragma once

#include <map>
#include <string>
#include <vector>

namespace penstock::detail::postgresql {

/// What a postgresql:// address says, by libpq's names for it: host, port, user, password, connect_timeout, …
using parameters = std::map<std::string, std::string>;

/// Takes an address apart. Throws `bad_option`, with a message that quotes nothing: it might be a part of a password.
parameters read_address(const std::string& address);

/// Completes an address with penstock's own defaults. Throws `preflight_failed` where libpq would let the environment
/// lead the connection to another server than the one that the address names.
parameters connection_parameters(const std::string& address);

/// One set of parameters for each server of an address that names several: libpq would go on to the next one for an
/// error, but not for a silence.
std::vector<parameters> servers_of(const parameters& said);

/// A message of libpq or the server without the passwords of the address.
std::string without_secrets(std::string message, const parameters& address);

}  // namespace penstock::detail::postgresql
