#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::detail {

/// All rows of one item in the wire form of the database that they are for. It stays in the item's slot until the item
/// is settled, so that a batch is a chain of slots and no row is copied on the serial path.
struct encoded_rows {
    /// The rows of one of several tables.
    struct part {
        std::size_t begin;  ///< Where they begin in `bytes`.
        std::size_t bytes;
        std::uint32_t rows;
    };
    /// The rows of one table, to be looked at.
    struct table_rows {
        std::string_view bytes;
        std::uint32_t rows;
    };

    std::string bytes{};                              ///< Table after table.
    std::uint32_t rows = 0;                           ///< In all tables.
    std::chrono::steady_clock::time_point arrived{};  ///< When the sink took it; the batch's age counts from there.
    std::vector<part> parts{};                        ///< One for each table; empty where there is only one.

    /// The rows for the table of this place.
    table_rows of_table(std::size_t place) const noexcept {
        if (parts.empty()) return {bytes, rows};
        const part& one = parts[place];
        return {std::string_view(bytes).substr(one.begin, one.bytes), one.rows};
    }

    /// Puts the rows of one more table behind those of the others.
    void append(const encoded_rows& table) {
        parts.push_back({bytes.size(), table.bytes.size(), table.rows});
        bytes += table.bytes;
        rows += table.rows;
    }
};

}  // namespace penstock::detail
