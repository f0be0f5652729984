#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "penstock/detail/any_sink.hpp"
#include "penstock/detail/any_stage.hpp"
#include "penstock/detail/guarded.hpp"
#include "penstock/detail/verdicts.hpp"

namespace penstock::detail {

/// A parallel stage calls its callable as const, so that the type says whether it may be shared.
template <class Callable, mode Mode>
using called_as = std::conditional_t<Mode == mode::parallel, const Callable&, Callable&>;

/// A callable between two pieces of a chain.
template <class Callable, class In, mode Mode>
class callable_stage final : public any_stage {
    using returned = std::invoke_result_t<called_as<Callable, Mode>, In>;

public:
    callable_stage(std::string name, Callable callable)
        : any_stage(std::move(name), Mode, value_type_of<made_by_t<returned>>), callable_(std::move(callable)) {}

    verdict apply(void* in, void* out, failure& why, unsigned) override {
        called_as<Callable, Mode> callable = callable_;
        return judge(out, std::invoke(callable, std::move(*static_cast<In*>(in))), why);
    }

private:
    Callable callable_;
};

/// A callable that returns nothing, at the end of a chain.
template <class Callable, class In, mode Mode>
class callable_sink final : public any_sink {
public:
    callable_sink(std::string name, Callable callable)
        : any_sink(std::move(name), Mode), callable_(std::move(callable)) {}

    bool works_inline() const noexcept override { return true; }
    void open(run_services& run) override { run_ = &run; }

    void take(slot_chain items) noexcept override {
        slot_chain done, left;
        while (slot* item = items.pop_front()) {
            if (run_->abandoned()) {
                left.push_back(*item);
            } else {
                call_guarded(*item, name(), &call, this);
                done.push_back(*item);
            }
        }
        run_->settle(done, outcome::committed);
        run_->settle(left, outcome::abandoned);
    }

private:
    static void call(void* self, void* in) {
        called_as<Callable, Mode> callable = static_cast<callable_sink*>(self)->callable_;
        std::invoke(callable, std::move(*static_cast<In*>(in)));
    }

    Callable callable_;
    run_services* run_ = nullptr;
};

}  // namespace penstock::detail
