#pragma once

#include <string>
#include <utility>

#include "penstock/detail/value_type.hpp"
#include "penstock/failure.hpp"
#include "penstock/mode.hpp"

namespace penstock::detail {

/// What became of one item in a stage.
enum class verdict : unsigned char { pass, drop, fail };

/// A stage between source and sink, its types erased.
class any_stage {
public:
    virtual ~any_stage() = default;

    const std::string& name() const noexcept { return name_; }
    penstock::mode mode() const noexcept { return mode_; }
    const value_type& makes() const noexcept { return *makes_; }

    /// Before each run: how many workers there will be at most.
    virtual void open(unsigned workers) { (void)workers; }

    /// Reads the value at `in` (it may be moved from, but stays an object) and, if the verdict is `pass`, makes the
    /// next one at `out`. May throw anything; that counts as `fail`. `worker` is below the number given to `open` and
    /// is used by one thread at a time.
    virtual verdict apply(void* in, void* out, failure& why, unsigned worker) = 0;

protected:
    any_stage(std::string name, penstock::mode mode, const value_type& makes)
        : name_(std::move(name)), mode_(mode), makes_(&makes) {}

private:
    std::string name_;
    penstock::mode mode_;
    const value_type* makes_;
};

}  // namespace penstock::detail
