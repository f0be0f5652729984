#pragma once

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "penstock/detail/verdicts.hpp"

namespace penstock {

namespace detail {

/// Applies a callable to each row of an item.
template <class Callable>
class each_row {
public:
    explicit each_row(Callable callable) : callable_(std::move(callable)) {}

    template <class Row>
    requires std::is_invocable_v<const Callable&, Row>
    auto operator()(std::vector<Row> rows) const { return apply(callable_, std::move(rows)); }
    template <class Row>
    requires std::is_invocable_v<Callable&, Row>
    auto operator()(std::vector<Row> rows) { return apply(callable_, std::move(rows)); }

private:
    template <class Called, class Row>
    static auto apply(Called& callable, std::vector<Row>&& rows) {
        using returned = std::remove_cvref_t<std::invoke_result_t<Called&, Row>>;
        using made = made_by_t<returned>;
        static_assert(!std::is_void_v<made>,
                      "penstock: a callable in each(...) returns a row, an optional or a result");
        std::vector<made> kept;
        kept.reserve(rows.size());
        for (Row& row : rows) {
            if constexpr (std::is_same_v<returned, made>) {
                kept.push_back(std::invoke(callable, std::move(row)));
            } else if constexpr (std::is_same_v<returned, std::optional<made>>) {
                if (auto one = std::invoke(callable, std::move(row))) kept.push_back(*std::move(one));
            } else {
                auto one = std::invoke(callable, std::move(row));
                if (one.has_failed()) return result<std::vector<made>>(std::move(one.why()));
                if (one.has_value()) kept.push_back(std::move(one).value());
            }
        }
        if constexpr (std::is_same_v<returned, made> || std::is_same_v<returned, std::optional<made>>) {
            return kept;
        } else {
            return result<std::vector<made>>(std::move(kept));
        }
    }

    Callable callable_;
};

}  // namespace detail

/// Makes a callable on one row into one on an item's rows, for `parallel`, `serial` and `in_order`. The callable
/// returns the next row, an `std::optional` of it (nothing: this row is left out), or a `result` (`dropped`: this row
/// is left out; a failure fails the whole item, since an item's rows stand or fall together). An item may end up with
/// no rows; it goes on and is committed.
template <class Callable>
auto each(Callable&& callable) {
    return detail::each_row<std::decay_t<Callable>>(std::forward<Callable>(callable));
}

}  // namespace penstock
