#include "virtual_clock.hpp"

#include <time.h>

#include <random>

namespace {
const penstock::testing::virtual_clock* shown = nullptr;
}

namespace penstock::testing {
virtual_clock::virtual_clock() { shown = this; }
virtual_clock::~virtual_clock() { shown = nullptr; }
}  // namespace penstock::testing

// In place of libstdc++'s own: what is in the program itself comes before what is in a shared library.
std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
    if (shown != nullptr) return shown->now();
    timespec real{};
    ::clock_gettime(CLOCK_MONOTONIC, &real);
    return time_point(std::chrono::seconds(real.tv_sec) + std::chrono::nanoseconds(real.tv_nsec));
}

// fetch throws its dice from a seed of this; a schedule must run the same each time.
std::random_device::result_type std::random_device::_M_getval() { return 1; }
