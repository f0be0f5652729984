#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "penstock/item_key.hpp"
#include "penstock/outcome.hpp"

namespace penstock::detail {

/// An item that was settled without reaching the writer.
struct ledger_note {
    item_key key;
    item_state state;    ///< `dropped` or `dead`.
    std::string letter;  ///< The dead letter as JSON; empty if there is none.
};

/// What the ledger is to hold of a batch, written in the transaction of its rows.
struct ledger_page {
    std::span<const item_key> keys;      ///< One for each item, in the items' order.
    std::span<const ledger_note> notes;  ///< In the order of their keys.
    std::int64_t batch = 0;  ///< A number that no other batch has: it shows what a try whose answer was lost has done.
};

}  // namespace penstock::detail
