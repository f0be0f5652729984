#pragma once

#include <string>

#include "penstock/dead_letter.hpp"
#include "penstock/detail/slot.hpp"

namespace penstock {

/// The dead letter of an item that has failed.
dead_letter letter_of(const detail::slot& item, outcome how);

/// A letter as it stands in a report.
std::string one_line(const dead_letter& letter);

}  // namespace penstock
