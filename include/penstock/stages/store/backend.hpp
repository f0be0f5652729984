#pragma once

#include <memory>

#include "penstock/detail/any_sink.hpp"
#include "penstock/stages/store/database.hpp"
#include "penstock/stages/store/row_encoder.hpp"
#include "penstock/stages/store/store_options.hpp"
#include "penstock/stages/store/table_spec.hpp"

namespace penstock::detail {

/// Checks what can be known about a table in this kind of database without asking it. Throws `bad_option`.
void check_table(const database& in, const table_spec& table);

/// An encoder for the wire form of this kind of database.
std::unique_ptr<row_encoder> make_encoder(const database& to, std::shared_ptr<const table_spec> table);

/// The serial half of store: takes items whose value is `encoded_rows`, writes them in batches and settles them.
std::unique_ptr<any_sink> make_store_sink(database to, table_specs tables, store_options options);

}  // namespace penstock::detail
