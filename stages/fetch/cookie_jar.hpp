#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cookie.hpp"

namespace penstock::fetch_stage {

/// The cookies of one session. Holds at most 1,000, and 50 of a domain; then the oldest go. Without I/O or clock. One
/// thread at a time.
class cookie_jar {
public:
    /// Takes the Set-Cookie field of an answer of this origin. Throws `std::bad_alloc`.
    void keep(std::string_view field, const split_url& from, const cookie_time& at);

    /// Puts a cookie in; one of the same name, domain, port and path goes. Throws `std::bad_alloc`.
    void put(cookie one, time_point now);

    /// The value of a Cookie field for a request to this URL: longer paths first, then what was there first. Empty if
    /// there is none. Those of `own`, if there is one, go as well, in place of those here of the same name, domain,
    /// port and path. Throws `std::bad_alloc`.
    std::string field_for(const split_url& to, time_point now, const cookie_jar* own = nullptr) const;

    void clear() noexcept { cookies_.clear(); }
    std::size_t size() const noexcept { return cookies_.size(); }

private:
    bool replaces(const cookie& other, time_point now) const noexcept;

    std::vector<cookie> cookies_;  ///< The oldest first.
};

}  // namespace penstock::fetch_stage
