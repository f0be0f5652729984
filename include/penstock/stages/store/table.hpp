#pragma once

#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "penstock/stages/store/column.hpp"
#include "penstock/stages/store/row_encoder.hpp"
#include "penstock/stages/store/row_reader.hpp"
#include "penstock/stages/store/table_spec.hpp"

namespace penstock {

namespace detail {

/// The class that the first member pointer among the getters points into.
template <class... Getters>
struct row_of {
    using type = no_row;
};
template <class First, class... Rest>
struct row_of<First, Rest...> : row_of<Rest...> {};
template <class Value, class Row, class... Rest>
struct row_of<Value Row::*, Rest...> {
    using type = Row;
};

}  // namespace detail

/// A table of the database and how a `Row` becomes one of its rows.
///
///     auto quotes = table("quotes", column("symbol", &quote::symbol).key(),
///                                   column("price",  &quote::price));
///
/// The row type is that of the first member pointer; say `table<quote>(…)` if all columns are callables, or if the
/// members are those of a base class. A dot in the name parts schema and table. Every part of every name may be any
/// text of 1 to 63 bytes; it is quoted, and its case is kept.
///
/// Throws `bad_option` for names that cannot be, a column named twice, no columns, and a key column that is optional.
/// Cheap to copy; copies share what they hold. Safe to use from several threads.
template <class Row>
class table {
public:
    template <class... Getters>
    explicit table(std::string_view name, column<Getters>... columns)
        : spec_(std::make_shared<const detail::table_spec>(
            detail::make_table_spec(name, {detail::describe_column<Row>(columns)...}))),
          reader_(std::make_shared<const detail::columns_reader<Row, Getters...>>(columns.getter()...)) {
        static_assert(!std::is_same_v<Row, detail::no_row>,
                      "penstock: table(...) finds the row type in a column's member pointer, and there is none here; "
                      "name it: table<my_row>(\"name\", ...)");
    }

    /// The table as the database sees it.
    const std::shared_ptr<const detail::table_spec>& spec() const noexcept { return spec_; }

    /// Gives the cells of one row to the encoder.
    void read(const Row& row, detail::row_encoder& to) const { reader_->read(row, to); }

private:
    std::shared_ptr<const detail::table_spec> spec_;
    std::shared_ptr<const detail::row_reader<Row>> reader_;
};

template <class... Getters>
table(std::string_view, column<Getters>...) -> table<typename detail::row_of<Getters...>::type>;

}  // namespace penstock
