#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "penstock/source.hpp"

namespace penstock {

namespace detail {

template <class Callable>
auto generated(Callable& callable, const std::stop_token& stop) {
    if constexpr (std::is_invocable_v<Callable&, std::stop_token>) {
        return std::invoke(callable, stop);
    } else {
        return std::invoke(callable);
    }
}

template <class Callable>
class generator_source final : public any_source {
    using returned = decltype(generated(std::declval<Callable&>(), std::declval<const std::stop_token&>()));

public:
    using value = typename returned::value_type;
    static_assert(std::is_same_v<returned, std::optional<value>>);

    explicit generator_source(Callable callable)
        : any_source("generate", value_type_of<value>), callable_(std::move(callable)) {}

    bool next(void* room, const std::stop_token& stop) override {
        std::optional<value> one = generated(callable_, stop);
        if (!one.has_value()) return false;
        std::construct_at(static_cast<value*>(room), *std::move(one));
        return true;
    }

private:
    Callable callable_;
};

}  // namespace detail

/// A source that asks a callable for each value: it returns an `std::optional`, and nothing at the end. It is called on
/// the source's thread, one call at a time, only when the run has room, and may block: neither transfers nor batches
/// wait for it. A callable that takes an `std::stop_token` is given the run's, and should come back when it is stopped;
/// one that never returns keeps `run` from returning. What it throws ends the run as failed.
template <class Callable>
auto generate(Callable&& callable) {
    using made = detail::generator_source<std::decay_t<Callable>>;
    detail::blueprint plan;
    plan.source = std::make_unique<made>(std::forward<Callable>(callable));
    return bare_source<typename made::value>(std::move(plan));
}

}  // namespace penstock
