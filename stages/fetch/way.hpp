#pragma once

#include <cstdint>
#include <string>

#include "proxy_address.hpp"

namespace penstock::fetch_stage {

struct identity;

/// Which way an attempt goes: directly, or through a proxy as somebody.
struct way {
    static constexpr std::uint32_t direct = UINT32_MAX;

    std::uint32_t number = direct;         ///< The proxy's, in the order of the options.
    const proxy_address* proxy = nullptr;  ///< Null for the direct one.
    std::string session;
    identity* as = nullptr;  ///< Null for the direct way, and for one that leaves no connection behind.
    bool tunnel = false;     ///< Plain HTTP goes through CONNECT too.
};

}  // namespace penstock::fetch_stage
