#pragma once

#include <utility>
#include <variant>

#include "penstock/failure.hpp"
#include "penstock/outcome.hpp"

namespace penstock {

/// Says that a stage wants none of an item. The item is settled as `dropped`, which is no error.
struct dropped_t {
    explicit constexpr dropped_t() = default;
};
inline constexpr dropped_t dropped{};

/// What a stage's callable may return in place of a plain value: a value, `dropped`, or a `failure`.
///
///     return quote{…};                                      // goes on
///     return penstock::dropped;                             // settled as dropped
///     return penstock::failure{error_kind::stage, "why"};   // becomes a dead letter
template <class Value>
class result {
public:
    using value_type = Value;

    result(Value value) : held_(std::in_place_index<0>, std::move(value)) {}
    result(dropped_t) : held_(std::in_place_index<1>) {}
    result(failure why) : held_(std::in_place_index<2>, std::move(why)) {}

    bool has_value() const noexcept { return held_.index() == 0; }
    bool was_dropped() const noexcept { return held_.index() == 1; }
    bool has_failed() const noexcept { return held_.index() == 2; }

    /// The value; only when `has_value()`, else throws `std::bad_variant_access`.
    Value& value() & { return std::get<0>(held_); }
    const Value& value() const& { return std::get<0>(held_); }
    Value&& value() && { return std::get<0>(std::move(held_)); }

    /// The failure; only when `has_failed()`, else throws `std::bad_variant_access`.
    failure& why() { return std::get<2>(held_); }
    const failure& why() const { return std::get<2>(held_); }

private:
    std::variant<Value, dropped_t, failure> held_;
};

}  // namespace penstock
