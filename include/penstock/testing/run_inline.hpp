#pragma once

#include "penstock/pipeline.hpp"

namespace penstock::testing {

/// Runs a pipeline item by item on the calling thread, in the source's order: no thread, no TBB, no waiting. For tests
/// of one's own stages and readers. The report, the metrics and the dead letters are those of `pipeline::run`.
///
/// Throws `bad_option` for a chain that cannot work without threads: one with fetch or store. Give it `pages(...)` in
/// place of fetch and a `collected<…>` in place of store. Else throws what `run` throws.
report run_inline(pipeline& job, const run_options& options = {});
report run_inline(pipeline&& job, const run_options& options = {});

}  // namespace penstock::testing
