#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "penstock/failure.hpp"

namespace penstock::fetch_stage {

/// Where a redirect leads.
struct hop {
    std::string url;           ///< Absolute, without a fragment.
    bool same_origin = false;  ///< True if scheme, host and port stay as they are.
};

/// True for the statuses that send a request elsewhere if they come with a Location.
constexpr bool is_redirect(int status) noexcept {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// Follows a redirect from `current`, the `count`-th of its attempt (from 1), or says why not. Without I/O. Throws
/// `std::bad_alloc`.
std::variant<hop, failure> follow(std::string_view current, std::string_view location, unsigned count,
                                  unsigned max_redirects);

}  // namespace penstock::fetch_stage
