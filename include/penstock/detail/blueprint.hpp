#pragma once

#include <memory>
#include <string>
#include <vector>

#include "penstock/detail/any_feed.hpp"
#include "penstock/detail/any_sink.hpp"
#include "penstock/detail/any_source.hpp"
#include "penstock/detail/any_stage.hpp"

namespace penstock::detail {

/// A chain's pieces in order, their types erased as they are joined.
struct blueprint {
    std::unique_ptr<any_source> source;
    std::unique_ptr<any_feed> feed;  ///< Null unless the chain fetches.
    std::vector<std::unique_ptr<any_stage>> stages;
    std::unique_ptr<any_sink> sink;  ///< Null until the chain is closed.
};

/// Refuses a name that would leave a hole in metrics and dead letters. Throws `bad_option`; returns the name.
std::string checked_stage_name(std::string name);

}  // namespace penstock::detail
