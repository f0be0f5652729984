#pragma once

#include <cstdlib>
#include <iostream>
#include <random>

namespace penstock::testing {

/// The seed of a test that draws lots: a new one each time, or PENSTOCK_TEST_SEED. It is printed.
inline unsigned printed_seed() {
    const char* given = std::getenv("PENSTOCK_TEST_SEED");
    const unsigned seed = given != nullptr ? static_cast<unsigned>(std::atoi(given)) : std::random_device()();
    std::cout << "PENSTOCK_TEST_SEED=" << seed << '\n';
    return seed;
}

/// True if there is time for long forms.
inline bool is_long() { return std::getenv("PENSTOCK_TEST_LONG") != nullptr; }

}  // namespace penstock::testing
