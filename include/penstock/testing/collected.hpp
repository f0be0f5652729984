#pragma once

#include <utility>
#include <vector>

#include "penstock/stage.hpp"

namespace penstock::testing {

/// A sink that keeps what reaches it, to be looked at after the run. Not copied and not moved: the sink writes to it,
/// so it must outlive the pipeline's last run. Read it only while no run goes on.
template <class Value>
class collected {
public:
    collected() = default;
    collected(const collected&) = delete;
    collected& operator=(const collected&) = delete;

    /// The end of a chain that makes `Value`s.
    auto sink() {
        return serial("collected", [this](Value value) { values_.push_back(std::move(value)); });
    }

    /// What came, in the order in which it came.
    const std::vector<Value>& values() const noexcept { return values_; }

private:
    std::vector<Value> values_;
};

}  // namespace penstock::testing
