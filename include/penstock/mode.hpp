#pragma once

#include <string_view>

namespace penstock {

/// How a stage may be run.
enum class mode : unsigned char {
    parallel,  ///< Many items at once, in any order; the callable is const.
    serial,    ///< One item at a time, in any order; the callable may change its captures.
    in_order,  ///< One item at a time, in the order in which the items reached the stages.
};

/// "parallel", "serial" or "in_order".
std::string_view to_string(mode how) noexcept;

}  // namespace penstock
