#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "penstock/source.hpp"

namespace penstock {

namespace detail {

template <class Range>
using iterator_of = decltype(std::begin(std::declval<Range&>()));
template <class Range>
using sentinel_of = decltype(std::end(std::declval<Range&>()));

/// Walks a range that it owns or borrows; from its beginning again in each run.
template <class Holder, class Range>
class range_source final : public any_source {
public:
    using value = std::iter_value_t<iterator_of<Range>>;

    explicit range_source(Holder range) : any_source("from", value_type_of<value>), range_(std::move(range)) {}

    void open() override {
        Range& range = range_;
        at_.emplace(std::begin(range));
        end_.emplace(std::end(range));
    }
    bool next(void* room, const std::stop_token&) override {
        if (*at_ == *end_) return false;
        std::construct_at(static_cast<value*>(room), **at_);
        ++*at_;
        return true;
    }

private:
    Holder range_;
    std::optional<iterator_of<Range>> at_;
    std::optional<sentinel_of<Range>> end_;
};

}  // namespace detail

/// A source of the values of a range: a container, a view, an array. The range is moved or copied in; `std::ref(range)`
/// borrows it instead, and it must then outlive the run. Values are copied out of it one by one, on the source's
/// thread, as the run has room for them; an endless range is fine.
template <class Range>
auto from(Range&& range) {
    using held = std::decay_t<Range>;
    detail::blueprint plan;
    plan.source = std::make_unique<detail::range_source<held, held>>(std::forward<Range>(range));
    return bare_source<typename detail::range_source<held, held>::value>(std::move(plan));
}

template <class Range>
auto from(std::reference_wrapper<Range> range) {
    using made = detail::range_source<std::reference_wrapper<Range>, Range>;
    detail::blueprint plan;
    plan.source = std::make_unique<made>(range);
    return bare_source<typename made::value>(std::move(plan));
}

template <class Value>
auto from(std::initializer_list<Value> values) {
    return from(std::vector<Value>(values));
}

template <class Value, std::size_t Count>
auto from(Value (&values)[Count]) {
    static_assert(!std::is_same_v<Value, const char>,
                  "a text in quotation marks is one value and no range: write from({\"...\"})");
    return from(std::vector<std::remove_cv_t<Value>>(std::begin(values), std::end(values)));
}

}  // namespace penstock
