#pragma once

#include <chrono>
#include <cstddef>

namespace penstock {

/// How rows are put into batches and batches into the database. Zero is refused everywhere, with `bad_option`, and so
/// are times of more than a day.
struct store_options {
    /// Creates the table from its columns if it does not exist. A table that exists is never changed.
    bool create_table = false;

    /// A batch is committed when it holds this many rows. An item is never split: one with more rows goes alone.
    std::size_t max_rows = 5000;

    /// A batch is committed when its rows take up this much in the database's wire form.
    std::size_t max_bytes = std::size_t{8} << 20;

    /// A batch is committed when its first item has waited this long, whether or not more items come.
    std::chrono::milliseconds max_age{500};

    /// SQLite: how long a transaction waits for a lock that another program holds. It is tried three times; then the
    /// run fails.
    std::chrono::milliseconds busy_timeout{5000};
};

namespace detail {
/// Throws `bad_option` if a value could never work.
void check(const store_options& options);
}  // namespace detail

}  // namespace penstock
