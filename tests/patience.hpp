#pragma once

#include <chrono>

namespace penstock::testing {

/// The bound for what is promised within a second. Measured from its trigger, and three times the promise: where a test
/// shares its cores with a build, its threads wait for their turns as well.
inline constexpr std::chrono::seconds promptly{3};

}  // namespace penstock::testing
