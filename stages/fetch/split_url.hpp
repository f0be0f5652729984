#pragma once

#include <string>
#include <string_view>

namespace penstock::fetch_stage {

/// A URL cut into views of itself, without decoding anything. `problem` is empty if fetch can ask for it as far as a
/// scan can tell; whether the host is well formed is left to libcurl, once for each origin.
struct split_url {
    std::string_view problem;  ///< What is wrong, to be read behind "the URL".
    bool tls = false;          ///< True for https.
    std::string_view host;     ///< With brackets if it is an IPv6 address; case as given.
    unsigned port = 0;         ///< 80 or 443 if none is given.
    std::string_view path;     ///< Without query and fragment; may be empty.
    std::string_view query;    ///< Without its question mark.
    bool has_query = false;
};
split_url split(std::string_view url) noexcept;

/// Reads what follows the authority of a URL: path and query, or a problem.
void split_target(std::string_view target, split_url& into) noexcept;

/// Writes the origin: scheme, host in lower case, and the port unless it is the scheme's own. Throws `std::bad_alloc`.
void write_origin(const split_url& from, std::string& origin);

/// True if the host is an address, which needs no name server.
bool is_numeric_host(std::string_view host) noexcept;

/// The URL without user name and password.
std::string hide_password(std::string_view url);

/// The URL as it may stand in a message: on one line, cut when it is long, without user name and password.
std::string show_url(std::string_view url);

}  // namespace penstock::fetch_stage
