#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy_address.hpp"

namespace penstock::fetch_stage {

struct identity;

/// Which way an attempt goes: directly, or through a proxy as somebody.
struct way {
    static constexpr std::uint32_t direct = UINT32_MAX;

    std::uint32_t number = direct;         ///< The proxy's, in the order of the options.
    const proxy_address* proxy = nullptr;  ///< Null for the direct one.
    std::string exit;        ///< What tells its exit from all others, see `exit_of`; empty for the direct one.
    identity* as = nullptr;  ///< Null for the direct way, and for one that leaves no connection behind.
    bool tunnel = false;     ///< Plain HTTP goes through CONNECT too.

    /// The name of the exit of a proxy, or of a session there. Throws `std::bad_alloc`.
    static std::string exit_of(std::uint32_t proxy, std::string_view session) {
        return std::string(reinterpret_cast<const char*>(&proxy), sizeof proxy).append(session);
    }
    /// The session at the proxy; empty if its login has none.
    std::string_view session() const noexcept {
        return std::string_view(exit).substr(std::min(exit.size(), sizeof number));
    }
    /// True if it goes through a proxy as somebody who was never there and does not come back.
    bool as_stranger() const noexcept { return number != direct && as == nullptr; }
};

}  // namespace penstock::fetch_stage
