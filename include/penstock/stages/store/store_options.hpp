#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace penstock {

/// What happens to a row whose key the table has already. The key is made of the table's `key()` columns.
enum class conflict_policy : unsigned char {
    error,                ///< The item is dead, with all its rows.
    ignore,               ///< The row that was there first stays; the item is committed.
    update,               ///< The columns of the new row take the place of the old ones.
    update_if_different,  ///< The same, but a row that would not change is not written again.
};

/// The name of a policy, such as "update_if_different". Never empty.
std::string_view to_string(conflict_policy policy) noexcept;

/// How rows are put into batches and batches into the database. Zero is refused everywhere, with `bad_option`, and so
/// are times of more than a day.
struct store_options {
    /// Creates the table from its columns if it does not exist. A table that exists is never changed.
    bool create_table = false;

    /// What happens to a row whose key is there already: `store(…, {.conflicts = conflict_policy::update})`. All but
    /// `error` need a key, and an index of the database on just its columns. Rows count as if they came one after the
    /// other: of those with one key the last one stays under `update`, the first under `ignore`. A row that a later one
    /// of its batch replaces may never reach the table, nor its constraints and triggers.
    conflict_policy conflicts = conflict_policy::error;

    /// A batch is committed when it holds this many rows, or a quarter of `run_options::queue_size` of items, fewer of
    /// these on more than two connections. An item is never split: one with more rows goes alone.
    std::size_t max_rows = 5000;

    /// A batch is committed when its rows take up this much in the database's wire form, a ledger's letters included.
    std::size_t max_bytes = std::size_t{8} << 20;

    /// A batch is committed when its first item has waited this long, whether or not more items come.
    std::chrono::milliseconds max_age{500};

    /// SQLite: how long a transaction waits for a lock that another program holds. It is tried three times; then the
    /// run fails.
    std::chrono::milliseconds busy_timeout{5000};
};

namespace detail {
struct table_spec;

/// Throws `bad_option` if a value could never work.
void check(const store_options& options);
/// The same for the options together with a table that they are for.
void check(const store_options& options, const table_spec& table);
}  // namespace detail

}  // namespace penstock
