#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "error.hpp"
#include "isolate.hpp"
#include "penstock/stages/store/encoded_rows.hpp"
#include "penstock/stages/store/table_spec.hpp"
#include "session.hpp"

namespace penstock::detail::postgresql {

using item_span = std::span<const encoded_rows* const>;

/// Puts the rows of items into one table, inside a transaction of somebody else's.
class table_writer {
public:
    explicit table_writer(const table_spec& table);

    /// Copies the rows straight into the table. Throws `error`.
    void copy(session& on, item_span items);

    /// What the table's refusal of these items means for a dead letter.
    refused_try explain(const error& what, item_span items) const;

private:
    const table_spec table_;
    const std::string copy_sql_;
    std::string block_;  ///< Rows on their way to the server; used again and again.
};

}  // namespace penstock::detail::postgresql
