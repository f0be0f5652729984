#pragma once

#include <chrono>
#include <string>

namespace penstock::fetch_stage {

/// A time as it may stand in a message.
inline std::string show_time(std::chrono::nanoseconds time) {
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    if (milliseconds % 1000 == 0) return std::to_string(milliseconds / 1000) + " s";
    return std::to_string(milliseconds) + " ms";
}

}  // namespace penstock::fetch_stage
