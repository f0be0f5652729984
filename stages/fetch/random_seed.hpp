#pragma once

#include <cstdint>
#include <random>

namespace penstock::fetch_stage {

/// A number that nobody can foresee. Throws `std::runtime_error` if the system has none.
inline std::uint64_t random_seed() {
    std::random_device dice;
    return (std::uint64_t{dice()} << 32) + dice();
}

}  // namespace penstock::fetch_stage
