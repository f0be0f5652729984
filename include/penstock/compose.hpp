#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "penstock/pipeline.hpp"
#include "penstock/source.hpp"
#include "penstock/stage.hpp"

/// Joins the pieces: `source | stage → source`, `stage | stage → stage`, `stage | sink → sink`, `source | sink →
/// pipeline`. A stage whose callable returns nothing closes its chain too.

namespace penstock {

namespace detail {

template <class T>
inline constexpr bool is_source = false;
template <class Value, head Head>
inline constexpr bool is_source<source<Value, Head>> = true;

template <class T>
inline constexpr bool is_open = false;
template <class... Pieces>
inline constexpr bool is_open<stage<Pieces...>> = true;

template <class T>
inline constexpr bool is_closed = false;
template <class... Pieces>
inline constexpr bool is_closed<sink<Pieces...>> = true;

template <class T>
inline constexpr bool is_piece = is_source<T> || is_open<T> || is_closed<T> || std::is_same_v<T, pipeline>;

template <std::size_t At, class Value, head Head, class Pieces>
auto join_from(source<Value, Head>&& open, Pieces& pieces) {
    using piece = std::tuple_element_t<At, Pieces>;
    using output = typename piece::template output<Value, Head>;
    constexpr bool last = At + 1 == std::tuple_size_v<Pieces>;
    blueprint plan = std::move(open).release();
    std::move(std::get<At>(pieces)).template join<Value>(plan);
    if constexpr (std::is_void_v<output>) {
        static_assert(last, "penstock: a stage whose callable returns nothing is a sink; nothing can stand behind it");
        return pipeline(std::move(plan));
    } else if constexpr (last) {
        return source<output>(std::move(plan));
    } else {
        return join_from<At + 1>(source<output>(std::move(plan)), pieces);
    }
}

template <class T>
auto pieces_of(T&& chain) {
    return std::forward<T>(chain).pieces();
}

template <class Left, class Right>
auto joined(Left&& left, Right&& right) {
    using left_type = std::remove_cvref_t<Left>;
    using right_type = std::remove_cvref_t<Right>;
    if constexpr (!is_piece<left_type> || !is_piece<right_type>) {
        static_assert(
            never<Left>,
            "penstock: only penstock's pieces can be joined with |: wrap a callable in parallel(\"name\", f), "
            "serial(\"name\", f) or in_order(\"name\", f), and a range in from(range)");
        return refused{};
    } else if constexpr (is_source<left_type> && (is_open<right_type> || is_closed<right_type>)) {
        static_assert(!std::is_lvalue_reference_v<Left>,
                      "penstock: a source is moved into its chain: write std::move(source) | ...");
        auto pieces = pieces_of(std::forward<Right>(right));
        return join_from<0>(std::move(left), pieces);
    } else if constexpr (is_open<left_type> && (is_open<right_type> || is_closed<right_type>)) {
        auto pieces = std::tuple_cat(pieces_of(std::forward<Left>(left)), pieces_of(std::forward<Right>(right)));
        return std::apply(
            [](auto&&... piece) {
                using tuple = std::tuple<std::remove_cvref_t<decltype(piece)>...>;
                if constexpr (is_closed<right_type>) {
                    return sink<std::remove_cvref_t<decltype(piece)>...>(tuple(std::move(piece)...));
                } else {
                    return stage<std::remove_cvref_t<decltype(piece)>...>(tuple(std::move(piece)...));
                }
            },
            std::move(pieces));
    } else {
        static_assert(never<Left>,
                      "penstock: a chain is source | stages | sink in this order: a source begins it, nothing stands "
                      "behind a sink, and a closed pipeline is complete");
        return refused{};
    }
}

}  // namespace detail

template <class Left, class Right>
requires(detail::is_piece<std::remove_cvref_t<Left>> || detail::is_piece<std::remove_cvref_t<Right>>) auto operator|(
    Left&& left, Right&& right) {
    return detail::joined(std::forward<Left>(left), std::forward<Right>(right));
}

}  // namespace penstock
