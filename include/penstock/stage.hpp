#pragma once

#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "penstock/detail/callable_stage.hpp"
#include "penstock/source.hpp"

namespace penstock {

/// One or more stages in a row, not yet joined to a source. Copyable if its callables are.
template <class... Pieces>
class stage {
public:
    explicit stage(std::tuple<Pieces...> pieces) : pieces_(std::move(pieces)) {}
    const std::tuple<Pieces...>& pieces() const& { return pieces_; }
    std::tuple<Pieces...>&& pieces() && { return std::move(pieces_); }

private:
    std::tuple<Pieces...> pieces_;
};

/// Stages that end in a sink, not yet joined to a source. Copyable if its callables are.
template <class... Pieces>
class sink {
public:
    explicit sink(std::tuple<Pieces...> pieces) : pieces_(std::move(pieces)) {}
    const std::tuple<Pieces...>& pieces() const& { return pieces_; }
    std::tuple<Pieces...>&& pieces() && { return std::move(pieces_); }

private:
    std::tuple<Pieces...> pieces_;
};

namespace detail {

/// A user's callable with its mode and name, before it is known what it will be given.
///
/// Every piece of a chain has these two: `output<In, Head>`, what it makes of an `In` (void: it ends the chain), and
/// `join<In>`, which adds it to a blueprint whose last piece makes an `In`.
template <class Callable, mode Mode>
struct callable_piece {
    std::string name;
    Callable callable;

    template <class In>
    static constexpr bool fits = std::is_invocable_v<called_as<Callable, Mode>, In>;

    template <class In>
    static constexpr auto judge_joint() {
        if constexpr (std::is_same_v<In, refused>) {
            return std::type_identity<refused>{};
        } else if constexpr (fits<In>) {
            return std::type_identity<std::invoke_result_t<called_as<Callable, Mode>, In>>{};
        } else if constexpr (Mode == mode::parallel && std::is_invocable_v<Callable&, In>) {
            static_assert(never<In>,
                          "penstock: a parallel stage calls its callable from many threads at once, so it must be "
                          "const-callable: take `mutable` away, or make the stage serial(\"name\", ...)");
            return std::type_identity<refused>{};
        } else {
            static_assert(never<In>,
                          "penstock: wrong joint: this stage's callable cannot take what the piece before it makes; "
                          "change its parameter to that type (parse makes a std::vector of rows), or wrap a callable "
                          "that takes one row in each(...)");
            return std::type_identity<refused>{};
        }
    }

    template <class In>
    using returned = typename decltype(judge_joint<In>())::type;

    template <class In, head>
    using output = std::conditional_t<std::is_void_v<returned<In>>, void, made_by_t<returned<In>>>;

    template <class In>
    void join(blueprint& plan) && {
        if constexpr (std::is_same_v<returned<In>, refused>) {
        } else if constexpr (std::is_void_v<returned<In>>) {
            plan.sink = std::make_unique<callable_sink<Callable, In, Mode>>(std::move(name), std::move(callable));
        } else {
            plan.stages.push_back(
                std::make_unique<callable_stage<Callable, In, Mode>>(std::move(name), std::move(callable)));
        }
    }
};

template <mode Mode, class Callable>
auto make_stage(std::string name, Callable&& callable) {
    using piece = callable_piece<std::decay_t<Callable>, Mode>;
    return stage<piece>(
        std::tuple<piece>{piece{checked_stage_name(std::move(name)), std::forward<Callable>(callable)}});
}

}  // namespace detail

/// A stage that works on many items at once. The callable takes what the piece before it makes and returns the next
/// value, an `std::optional` of it (nothing: the item is dropped), or a `result`; what it throws becomes the item's
/// dead letter. It is called as const from several threads. If it returns nothing at all, it is a sink, and an item is
/// committed when it returns. The name, shown in metrics and dead letters, may occur twice but not be empty.
template <class Callable>
auto parallel(std::string name, Callable&& callable) {
    return detail::make_stage<mode::parallel>(std::move(name), std::forward<Callable>(callable));
}

/// A stage that works on one item at a time, in any order; else like `parallel`. The callable may change what it has
/// captured, and needs no lock for it.
template <class Callable>
auto serial(std::string name, Callable&& callable) {
    return detail::make_stage<mode::serial>(std::move(name), std::forward<Callable>(callable));
}

/// A stage that works on one item at a time in the order in which the items reached the stages: the source's order,
/// or the order of arrival behind fetch. One slow item holds back all that follow it; prefer `serial` where the order
/// does not matter. Else like `serial`.
template <class Callable>
auto in_order(std::string name, Callable&& callable) {
    return detail::make_stage<mode::in_order>(std::move(name), std::forward<Callable>(callable));
}

}  // namespace penstock
