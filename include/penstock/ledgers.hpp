#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/dead_letter.hpp"
#include "penstock/item_key.hpp"
#include "penstock/outcome.hpp"
#include "penstock/stages/store/database.hpp"

namespace penstock {

namespace detail {
class ledger_desk;
}

/// A ledger, counted.
struct ledger_summary {
    std::string name;
    std::string job;  ///< The tables and columns that it is of.
    std::chrono::sys_seconds begun;
    std::chrono::sys_seconds last;                        ///< When an item was last settled in it; `begun` if none was.
    std::array<std::uint64_t, item_state_count> items{};  ///< By state; index with `operator[]`.

    std::uint64_t operator[](item_state state) const noexcept { return items[static_cast<std::size_t>(state)]; }
};

/// An item as a ledger has it.
struct ledger_item {
    item_key key;
    item_state state = item_state::pending;
    std::chrono::sys_seconds settled;
    dead_letter letter;  ///< Of one that is dead.
};

/// The ledgers of a database, to be looked at and forgotten. Not while a run uses the one that is forgotten: what it
/// settles then is lost. Each call opens the database and closes it again; one thread at a time, which blocks. Every
/// call throws `preflight_failed` if the database cannot be reached or has no ledgers.
class ledgers {
public:
    /// `schema` is that of the tables that the ledgers are kept beside; none for that of the search path.
    explicit ledgers(database in, std::string_view schema = {});

    /// All of them, by name. Reads every entry.
    std::vector<ledger_summary> list() const;

    /// True if there is a ledger of this name.
    bool contains(std::string_view name) const;

    /// What a ledger says of an item; nothing if it says nothing, or there is no such ledger.
    std::optional<ledger_item> find(std::string_view name, const item_key& key) const;

    /// Dead items in the order of their keys, at most so many, from behind a key on.
    std::vector<ledger_item> dead(std::string_view name, std::size_t most = 1000, const item_key& behind = {}) const;

    /// Forgets a ledger with all its items; how many they were. The rows in the tables stay. Deletes in steps: broken
    /// off, it can be done again.
    std::uint64_t forget(std::string_view name) const;

    /// Forgets every ledger in which nothing was settled since then; their names.
    std::vector<std::string> forget_unused_since(std::chrono::sys_seconds then) const;

private:
    std::unique_ptr<detail::ledger_desk> open() const;

    database in_;
    std::string schema_;
};

}  // namespace penstock
