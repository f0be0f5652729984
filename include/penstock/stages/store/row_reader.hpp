#pragma once

#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "penstock/stages/store/cell.hpp"
#include "penstock/stages/store/column.hpp"
#include "penstock/stages/store/row_encoder.hpp"
#include "penstock/stages/store/table_spec.hpp"

namespace penstock::detail {

/// The columns of a table with their types erased: one indirect call a row.
template <class Row>
class row_reader {
public:
    virtual ~row_reader() = default;
    virtual void read(const Row& row, row_encoder& to) const = 0;
};

/// What stands for the row type where none was found; that is said once, and not again for each getter.
struct no_row {};

/// What a getter returns for a row, without reference and const.
template <class Row, class Getter>
using cell_of = std::remove_cvref_t<std::invoke_result_t<const Getter&, const Row&>>;

/// Says in one sentence what is wrong with a getter. Where it is false nothing else is compiled with the getter, so
/// that the sentence is not lost among its consequences.
template <class Row, class Getter>
constexpr bool usable_getter() {
    if constexpr (std::is_same_v<Row, no_row>) {
        return false;
    } else if constexpr (constexpr bool callable = std::is_invocable_v<const Getter&, const Row&>; !callable) {
        static_assert(callable,
                      "penstock: this column's getter cannot be called with a `const Row&`; give a pointer to a member "
                      "of the row, or a const callable that takes the row (a mutable lambda is none)");
        return false;
    } else {
        constexpr bool storable = cell<cell_of<Row, Getter>>;
        static_assert(storable,
                      "penstock: no database column holds a value of this type; specialise penstock::stored_as for it, "
                      "or give the column a lambda that returns an integer, a double, a bool, text, bytes "
                      "(std::vector<std::byte>), a date or time of std::chrono, or a std::optional of one");
        return storable;
    }
}

template <class Row, class Getter>
column_spec describe_column(const column<Getter>& from) {
    if constexpr (usable_getter<Row, Getter>()) {
        using type = cell_of<Row, Getter>;
        return {from.name(), cell_type_of<type>, is_nullable<type> && !from.is_not_null(), from.is_key(),
                from.declared_type()};
    } else {
        return {};
    }
}

template <class Row, class... Getters>
class columns_reader final : public row_reader<Row> {
public:
    explicit columns_reader(Getters... getters) : getters_(std::move(getters)...) {}

    void read(const Row& row, row_encoder& to) const override {
        if constexpr ((usable_getter<Row, Getters>() && ...)) {
            std::apply([&](const Getters&... getter) { (encode_cell(to, std::invoke(getter, row)), ...); }, getters_);
        }
        to.end_row();
    }

private:
    std::tuple<Getters...> getters_;
};

}  // namespace penstock::detail
