#pragma once

#include <string>

#include "penstock/detail/letters.hpp"

namespace penstock {

/// A letter as it stands in a report.
std::string one_line(const dead_letter& letter);

}  // namespace penstock
