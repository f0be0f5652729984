#pragma once

#include <string>
#include <utility>

#include "penstock/detail/letters.hpp"

namespace penstock::testing {

/// The line of a letter whose item came from here.
inline std::string json_of(std::string origin) {
    dead_letter letter;
    letter.origin = std::move(origin);
    letter.tag = "5";
    letter.stage = "fetch";
    return penstock::detail::json_of(letter);
}

}  // namespace penstock::testing
