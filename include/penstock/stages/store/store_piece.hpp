#pragma once

#include <concepts>
#include <memory>
#include <tuple>
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

/// A value that a store of one table takes.
template <class In, class Row>
concept storable_as = std::same_as<In, Row> || std::same_as<In, std::vector<Row>>;

/// A value that a store of these tables takes.
template <class In, class... Rows>
inline constexpr bool storable = false;
template <class In, class Row>
inline constexpr bool storable<In, Row> = storable_as<In, Row>;
template <class... Ins, class... Rows>
requires(sizeof...(Rows) > 1
         && sizeof...(Ins) == sizeof...(Rows)) inline constexpr bool storable<std::tuple<Ins...>, Rows...> =
    (storable_as<Ins, Rows> && ...);

/// Everything that a `store(…)` was told, and what makes its two halves: the stage that encodes and the sink that
/// writes. Each pair that it makes is independent of the others.
template <class... Rows>
class store_piece {
public:
    store_piece(database to, std::tuple<table<Rows>...> tables, store_options options)
        : to_(std::move(to)), tables_(std::move(tables)), options_(options) {}

    template <class In>
    std::unique_ptr<any_stage> make_stage() const {
        constexpr bool one_table = sizeof...(Rows) == 1;
        static_assert(!one_table || storable<In, Rows...>,
                      "penstock: store takes the row of its table, or a std::vector of it; put a stage in front that "
                      "makes one, or name the table's row type: table<my_row>(...)");
        static_assert(one_table || storable<In, Rows...>,
                      "penstock: a store of several tables takes a std::tuple with, for each table in their order, a "
                      "std::vector of its rows, or one row; put a stage in front that makes one");
        return std::make_unique<encode_stage<In, Rows...>>(to_, tables_);
    }

    std::unique_ptr<any_sink> make_sink() const {
        return make_store_sink(to_, std::apply([](const auto&... one) { return table_specs{one.spec()...}; }, tables_),
                               options_);
    }

private:
    database to_;
    std::tuple<table<Rows>...> tables_;
    store_options options_;
};

/// Checks all that can be checked without opening the database. Throws `bad_option`.
template <class... Rows>
store_piece<Rows...> make_store_piece(database to, std::tuple<table<Rows>...> tables, store_options options) {
    static_assert(sizeof...(Rows) > 0, "penstock: store(...) was given no table");
    check(options);
    std::apply([&](const auto&... one) { ((check(options, *one.spec()), check_table(to, *one.spec())), ...); }, tables);
    return store_piece<Rows...>(std::move(to), std::move(tables), options);
}
template <class Row>
store_piece<Row> make_store_piece(database to, table<Row> rows, store_options options) {
    return make_store_piece(std::move(to), std::tuple<table<Row>>(std::move(rows)), options);
}

}  // namespace penstock::detail
