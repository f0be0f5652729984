#pragma once

#include <concepts>
#include <memory>
#include <utility>
#include <vector>

#include "penstock/detail/any_sink.hpp"
#include "penstock/detail/any_stage.hpp"
#include "penstock/stages/store/backend.hpp"
#include "penstock/stages/store/database.hpp"
#include "penstock/stages/store/encode_stage.hpp"
#include "penstock/stages/store/store_options.hpp"
#include "penstock/stages/store/table.hpp"

namespace penstock::detail {

/// A value that a store of `Row` takes.
template <class In, class Row>
concept storable_as = std::same_as<In, Row> || std::same_as<In, std::vector<Row>>;

/// Everything that a `store(…)` was told, and what makes its two halves: the stage that encodes and the sink that
/// writes. Each pair that it makes is independent of the others.
template <class Row>
class store_piece {
public:
    store_piece(database to, table<Row> rows, store_options options)
        : to_(std::move(to)), table_(std::move(rows)), options_(options) {}

    template <class In>
    std::unique_ptr<any_stage> make_stage() const {
        static_assert(storable_as<In, Row>,
                      "penstock: store takes the row of its table, or a std::vector of it; put a stage in front that "
                      "makes one, or name the table's row type: table<my_row>(...)");
        return std::make_unique<encode_stage<Row, In>>(to_, table_);
    }

    std::unique_ptr<any_sink> make_sink() const { return make_store_sink(to_, table_.spec(), options_); }

private:
    database to_;
    table<Row> table_;
    store_options options_;
};

/// Checks all that can be checked without opening the database. Throws `bad_option`.
template <class Row>
store_piece<Row> make_store_piece(database to, table<Row> rows, store_options options) {
    check(options);
    check(options, *rows.spec());
    check_table(to, *rows.spec());
    return store_piece<Row>(std::move(to), std::move(rows), options);
}

}  // namespace penstock::detail
