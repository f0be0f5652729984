#pragma once

#include <cstddef>

#include "penstock/detail/slot.hpp"

namespace penstock::detail {

/// Fetches what the source gave into the cache: another core wrote it, or it has rested for long, and all of it is
/// about to be looked at. For the next slot of a chain while this one is worked at.
inline void have_origin_near(const slot& next) noexcept {
    constexpr std::size_t line = 64;
    const std::size_t size = next.origin_type() == nullptr ? 0 : next.origin_type()->size;
    const char* const origin = static_cast<const char*>(next.origin());
    for (std::size_t at = 0; at < size; at += line) __builtin_prefetch(origin + at);
}

}  // namespace penstock::detail
