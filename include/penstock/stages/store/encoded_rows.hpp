#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace penstock::detail {

/// All rows of one item in the wire form of the database that they are for. It stays in the item's slot until the item
/// is settled, so that a batch is a chain of slots and no row is copied on the serial path.
struct encoded_rows {
    std::string bytes;
    std::uint32_t rows = 0;
    std::chrono::steady_clock::time_point arrived{};  ///< When the sink took it; the batch's age counts from there.
};

}  // namespace penstock::detail
