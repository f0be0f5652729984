#pragma once

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "penstock/detail/blueprint.hpp"
#include "penstock/stage.hpp"
#include "penstock/stages/store/column.hpp"
#include "penstock/stages/store/database.hpp"
#include "penstock/stages/store/store_options.hpp"
#include "penstock/stages/store/store_piece.hpp"
#include "penstock/stages/store/table.hpp"

namespace penstock {

namespace detail {

/// `store(...)` before it is joined: a parallel stage that encodes, and the sink that writes.
template <class... Rows>
struct store_joint {
    store_piece<Rows...> piece;

    template <class In, head>
    using output = void;

    template <class In>
    void join(blueprint& plan) && {
        if constexpr (!std::is_same_v<In, refused>) {
            plan.stages.push_back(piece.template make_stage<In>());
            plan.sink = piece.make_sink();
        }
    }
};

}  // namespace detail

/// Writes the rows of each item into a table, many items to a transaction.
///
///   in         Row, or std::vector<Row>; all rows of an item are committed together or not at all
///   mode       parallel while rows are encoded, then serial
///   threads    owns one a connection, "penstock-store"; for PostgreSQL one more each, "penstock-watch", that bounds
///              its waits; with a ledger a connection for look-ups, asked on the engine's thread "penstock-ledger"
///   bound      the run's queue_size; a batch holds at most a quarter of it
///   waits      for the batch to fill (max_rows, max_bytes), for max_age, for a lock of the database
///   order      as the items come; of two with one key the later is refused, unless `conflicts` says otherwise
///   fails      item: load, for a row that the table refuses; in doubt, if the link was lost at COMMIT and there is no
///              ledger    run: the database is gone, full or locked for too long
///   ends       when everything that was taken is settled
///   owns       the encoded rows, in the items' slots, until they are settled
///
/// The database is opened and the table checked when a run begins, before anything is taken: `preflight_failed` says
/// what does not fit. Options and names that cannot work are refused here with `bad_option`.
template <class Row>
auto store(database to, table<Row> rows, store_options options = {}) {
    using joint = detail::store_joint<Row>;
    return sink<joint>(std::tuple<joint>{joint{detail::make_store_piece(std::move(to), std::move(rows), options)}});
}

/// The same into several tables. An item is a `std::tuple` with the rows for each of them, a `std::vector` or one row;
/// all of them are committed together or not at all.
///
///     using filing = std::tuple<company, std::vector<holding>>;          // what the stage in front makes of a page
///     … | store(database("sqlite:filings.db"), std::tuple(companies, holdings), {.create_table = true})
///
/// Tables are made and written in this order, so what a foreign key points to comes first. The options are for all of
/// them; the limits of a batch count the rows of all tables.
template <class... Rows>
auto store(database to, std::tuple<table<Rows>...> tables, store_options options = {}) {
    using joint = detail::store_joint<Rows...>;
    return sink<joint>(std::tuple<joint>{joint{detail::make_store_piece(std::move(to), std::move(tables), options)}});
}

}  // namespace penstock
