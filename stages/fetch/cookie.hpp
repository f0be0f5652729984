#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "split_url.hpp"

namespace penstock::fetch_stage {

using time_point = std::chrono::steady_clock::time_point;

/// The two clocks of cookies: servers speak of the calendar, and what they say is kept by the clock that never jumps.
struct cookie_time {
    time_point now{};
    std::chrono::sys_seconds calendar{};
};

/// One cookie, and where it may go.
struct cookie {
    std::string name;
    std::string value;
    std::string domain;     ///< In lower case; of the host that set it if `host_only`.
    std::string path;       ///< Begins with '/'.
    bool host_only = true;  ///< Not for hosts below `domain`.
    bool secure = false;    ///< Only over TLS.
    unsigned port = 0;      ///< Only to this one; 0 for the ports of http and https.
    time_point ends = time_point::max();

    /// True if it belongs into a request to this URL.
    bool is_for(const split_url& to, std::string_view path_of_url) const noexcept;
};

/// Reads a Set-Cookie field from an answer of this origin, by the rules of RFC 6265 and the prefixes __Host- and
/// __Secure-; nothing if it is to be ignored. A cookie that is over already has `ends` not behind `at.now`. Two rules
/// are stricter: a cookie stays with its port, and a Domain that looks like a suffix under which anybody may have a
/// name ("com", "co.uk") is taken for the host alone. Without I/O. Throws `std::bad_alloc`.
std::optional<cookie> read_cookie(std::string_view field, const split_url& from, const cookie_time& at);

/// The path of a URL as cookies have it: "/" if there is none.
std::string_view cookie_path(const split_url& of) noexcept;

/// The port as cookies have it.
unsigned cookie_port(const split_url& of) noexcept;

}  // namespace penstock::fetch_stage
