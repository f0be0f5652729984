#pragma once

#include <cstdint>

/// The work that every contender of this folder does: it counts from 1 to `items`, adds 1 to each number where that may
/// happen on several threads, and adds the results up one at a time. Nothing else, so what is left is the engine.
namespace bench_engine {

using token = std::int64_t;

/// The parallel stage.
inline token work_on(token value) { return value + 1; }

/// What the serial sink must have added up in the end.
inline token expected_sum(token items) { return items * (items + 1) / 2 + items; }

/// How a contender may run.
struct limits {
    unsigned workers = 5;       ///< Threads in the stages at most, where there are threads.
    unsigned in_flight = 1000;  ///< Tokens between source and sink at most.
};

/// Each runs the whole work once and returns the sum.
token run_penstock(token items, const limits& within);
token run_tbb_pipeline(token items, const limits& within);
token run_serial_loop(token items, const limits& within);

/// The stage workers that penstock gets on this machine when `wanted` are asked for.
unsigned penstock_workers(unsigned wanted);

}  // namespace bench_engine
