#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "error.hpp"
#include "isolate.hpp"
#include "penstock/stages/store/encoded_rows.hpp"
#include "penstock/stages/store/store_options.hpp"
#include "penstock/stages/store/table_spec.hpp"
#include "session.hpp"

namespace penstock::detail::postgresql {

using item_span = std::span<const encoded_rows* const>;

/// Puts the rows of items into one table, inside a transaction of somebody else's.
class table_writer {
public:
    /// `place` is the table's place among those of the store, `staging` the name of its temporary table.
    table_writer(const table_spec& table, std::size_t place, std::string staging, conflict_policy conflicts);

    /// Copies the rows straight into the table; `meanwhile` is done while the server is at work. Throws `error`.
    void copy(session& on, item_span items, const std::function<void()>& meanwhile);

    /// Puts the rows into the table by way of a temporary one, and settles conflicts; otherwise like `copy`.
    void merge(session& on, item_span items, const std::function<void()>& meanwhile);

    /// What the table's refusal of these items means for a dead letter.
    refused_try explain(const error& what, item_span items) const;

private:
    void send(session& on, const std::string& copy_sql, item_span items, const std::function<void()>& meanwhile);

    const table_spec table_;
    const std::size_t place_;
    const std::string copy_sql_;
    const std::string staging_;  ///< The temporary table's name.
    const std::string truncate_staging_sql_;
    const std::string copy_staging_sql_;
    const std::string merge_sql_;
    std::string block_;  ///< Rows on their way to the server; used again and again.
};

}  // namespace penstock::detail::postgresql
