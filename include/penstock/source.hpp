#pragma once

#include <utility>

#include "penstock/detail/blueprint.hpp"

namespace penstock {

namespace detail {
template <class>
inline constexpr bool never = false;

/// Stands for the output of a joint that the compiler has refused already, so that one mistake gives one message.
struct refused {};

/// Whether stages have been joined to a source: fetch only stands in front of them.
enum class head : unsigned char { bare, staged };
}  // namespace detail

/// A chain with an open end that makes values of type `Value`: a source, perhaps with stages behind it. Join stages
/// and a sink with `|`; only a closed chain can be run. Moved, never copied: it owns its callables.
template <class Value, detail::head Head = detail::head::staged>
class source {
public:
    using value_type = Value;

    explicit source(detail::blueprint plan) : plan_(std::move(plan)) {}

    detail::blueprint release() && { return std::move(plan_); }

    template <class... Arguments>
    void run(Arguments&&...) const {
        static_assert(detail::never<Value>,
                      "penstock: this chain is not closed: end it with a sink, such as store(...) or "
                      "serial(\"name\", callable that returns nothing); only then it can be run");
    }

private:
    detail::blueprint plan_;
};

/// A source without stages behind it, as `from`, `generate` and `lines` make it.
template <class Value>
using bare_source = source<Value, detail::head::bare>;

}  // namespace penstock
