#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "penstock/detail/any_stage.hpp"
#include "penstock/result.hpp"

namespace penstock::detail {

/// What a stage makes when its callable returns `Returned`: the value inside an optional or a `result`.
template <class Returned>
struct made_by {
    using type = Returned;
};
template <class Value>
struct made_by<std::optional<Value>> {
    using type = Value;
};
template <class Value>
struct made_by<result<Value>> {
    using type = Value;
};
template <class Returned>
using made_by_t = typename made_by<std::remove_cvref_t<Returned>>::type;

template <class Value>
verdict keep(void* out, Value&& value) {
    std::construct_at(static_cast<std::remove_cvref_t<Value>*>(out), std::forward<Value>(value));
    return verdict::pass;
}

/// Puts what a callable returned into the room at `out`, or says why there is nothing to put.
template <class Returned>
verdict judge(void* out, Returned&& returned, failure& why) {
    using plain = std::remove_cvref_t<Returned>;
    if constexpr (std::same_as<made_by_t<plain>, plain>) {
        return keep(out, std::forward<Returned>(returned));
    } else if constexpr (std::same_as<plain, std::optional<made_by_t<plain>>>) {
        if (!returned.has_value()) return verdict::drop;
        return keep(out, *std::forward<Returned>(returned));
    } else {
        if (returned.was_dropped()) return verdict::drop;
        if (returned.has_failed()) {
            why = std::move(returned.why());
            return verdict::fail;
        }
        return keep(out, std::forward<Returned>(returned).value());
    }
}

}  // namespace penstock::detail
