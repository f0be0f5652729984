#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "../ledger_page.hpp"
#include "penstock/stages/store/table_spec.hpp"

namespace penstock::detail::postgresql {

/// The two tables of the ledgers, a ledger a row and an item a row, quoted: in the schema that the first table of the
/// rows names, or where the search path leads.
struct ledger_tables {
    std::string ledgers;
    std::string items;
};
ledger_tables ledger_tables_beside(const table_specs& tables);
ledger_tables ledger_tables_in(const std::string& schema);

/// What makes both tables. Per item 66 bytes in the table and about 50 in its index.
std::string create_ledger_sql(const ledger_tables& in);

/// The SQL of one ledger.
struct ledger_sql {
    ledger_tables in;
    std::int32_t id = 0;
    bool retry_dead = false;

    /// Settles keys as committed and puts notes in, all of them different. Waits for transactions that are settling the
    /// same, and meets a conflict if one of them is there already. `letters` are quoted; one for each note, or NULL.
    std::string settle_new(std::span<const item_key> keys, std::span<const ledger_note> notes,
                           std::span<const std::string> letters, std::int64_t batch) const;

    /// The same without conflicts: gives back those that were not settled before.
    std::string settle(std::span<const item_key> keys, std::span<const ledger_note> notes,
                       std::span<const std::string> letters, std::int64_t batch) const;

    /// Gives those of the keys that a batch of this number has settled.
    std::string of_batch(std::span<const item_key> keys, std::int64_t batch) const;

    std::string release(std::span<const item_key> keys) const;

    /// Gives 't' if there is any item.
    std::string holds_any() const;

    /// Gives those of the keys whose entries are so.
    std::string find(std::span<const item_key> keys, const std::string& where) const;

    /// Gives those of the keys that are settled and not to be taken up again.
    std::string look_up(std::span<const item_key> keys) const;
};

}  // namespace penstock::detail::postgresql
