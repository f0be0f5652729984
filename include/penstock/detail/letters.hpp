#pragma once

#include <string>

#include "penstock/dead_letter.hpp"
#include "penstock/detail/slot.hpp"

namespace penstock::detail {

/// The letter of an item that has failed, or was settled otherwise. Throws `std::bad_alloc`.
dead_letter letter_of(const slot& item, outcome how);

/// A letter as one JSON object, without an end of line. Always valid UTF-8: other bytes become U+FFFD.
std::string json_of(const dead_letter& letter);

}  // namespace penstock::detail
