#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace penstock {

/// What kind of thing went wrong with an item. The first groups are those of HTTP work; `parse`, `stage` and `load`
/// name the part of the pipeline that refused the item.
enum class error_kind : unsigned char {
    timeout,         ///< An attempt or the item's own deadline ran out.
    proxy,           ///< A proxy refused or failed; the target was not reached.
    bad_status,      ///< The server answered with a status that is not a success.
    rate_limited,    ///< The server asks to wait, longer than the options or the item's deadline allow.
    redirect,        ///< Too many redirects, or one to where penstock does not follow.
    request,         ///< The request could not be made or sent: a bad URL, no such host, no connection.
    truncated,       ///< The answer ended before it was whole.
    too_large,       ///< The answer was longer than the limit.
    parse,           ///< The page could not be read into rows.
    stage,           ///< A callable of the user's threw, or returned a failure of its own.
    load,            ///< The database refused a row of the item.
    local_resource,  ///< This machine ran out of something: descriptors, threads, memory. Blames nobody else.
    other,
};

/// How many kinds there are, for figures by kind.
inline constexpr std::size_t error_kind_count = static_cast<std::size_t>(error_kind::other) + 1;

/// The name of a kind as it stands in dead letters and reports, such as "bad_status". Never empty.
std::string_view to_string(error_kind kind) noexcept;

/// Why one item could not go on. A stage may return it (through `result`); penstock makes the others.
struct failure {
    error_kind kind = error_kind::stage;  ///< The class it is counted under.
    std::string reason;                   ///< One line for a person: what, where, and what to do if that is known.
    int status = 0;                       ///< The HTTP status of the last answer; 0 if there was none.
    bool connection_reset = false;        ///< The peer broke the connection off (RST).
    std::string proxy{};                  ///< The proxy of the last attempt, without login; empty if there was none.
};

}  // namespace penstock
