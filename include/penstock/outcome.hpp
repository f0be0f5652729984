#pragma once

#include <cstddef>
#include <string_view>

namespace penstock {

/// How an item was settled. Every item that a run has taken ends in exactly one of these.
enum class outcome : unsigned char {
    committed,  ///< Its rows are in the database, or the sink returned for it.
    dropped,    ///< A stage wanted none of it.
    dead,       ///< It failed; a dead letter says why.
    skipped,    ///< The ledger says that an earlier run settled it.
    in_doubt,   ///< The connection was lost at COMMIT and nothing can tell whether the rows are there.
    abandoned,  ///< The run was cut short before the item was through.
};
inline constexpr std::size_t outcome_count = 6;

/// The name as it stands in reports, such as "in_doubt". Never empty.
std::string_view to_string(outcome how) noexcept;

}  // namespace penstock
