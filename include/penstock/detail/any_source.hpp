#pragma once

#include <stop_token>
#include <string>
#include <utility>

#include "penstock/detail/value_type.hpp"

namespace penstock::detail {

/// Where a chain's items come from, its types erased. `open` is called before each run, then `next` on one thread.
class any_source {
public:
    virtual ~any_source() = default;

    const std::string& name() const noexcept { return name_; }
    const value_type& makes() const noexcept { return *makes_; }

    /// Makes ready for a run, from the beginning where the source can. Throws `preflight_failed` if it cannot work; of
    /// what else it throws the engine makes one, but for `bad_option` and `std::bad_alloc`.
    virtual void open() {}

    /// Makes the next value in `room`; false at the end. May block, and should come back when the token is stopped. May
    /// throw anything; that ends the run as failed.
    virtual bool next(void* room, const std::stop_token& stop) = 0;

protected:
    any_source(std::string name, const value_type& makes) : name_(std::move(name)), makes_(&makes) {}

private:
    std::string name_;
    const value_type* makes_;
};

}  // namespace penstock::detail
