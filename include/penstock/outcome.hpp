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

/// What a ledger says of an item. The numbers are those in the database and never change.
enum class item_state : unsigned char {
    pending = 0,    ///< Known and not settled: a run takes it up.
    committed = 1,  ///< Its rows, if it has any, were committed with this entry.
    dropped = 2,    ///< A stage wanted none of it.
    dead = 3,       ///< It failed; the entry holds its dead letter.
};
inline constexpr std::size_t item_state_count = 4;

/// The name of a state, such as "committed". Never empty.
std::string_view to_string(item_state state) noexcept;

}  // namespace penstock
