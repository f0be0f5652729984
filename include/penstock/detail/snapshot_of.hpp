#pragma once

#include "penstock/detail/metric_block.hpp"
#include "penstock/metrics.hpp"

namespace penstock {

/// Reads a block that may be written meanwhile. Nothing is ever seen as settled that is not seen as taken.
metrics_snapshot snapshot_of(const detail::metric_block& block);

}  // namespace penstock
