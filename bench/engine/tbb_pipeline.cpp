// The hand-written rival: the same three stages straight in TBB, a number a token.
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include "workload.hpp"

namespace bench_engine {

token run_tbb_pipeline(token items, const limits& within) {
    token next = 0;
    token sum = 0;
    const auto source =
        tbb::make_filter<void, token>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control& control) -> token {
            if (next == items) {
                control.stop();
                return 0;
            }
            return ++next;
        });
    const auto stage =
        tbb::make_filter<token, token>(tbb::filter_mode::parallel, [](token value) { return work_on(value); });
    const auto sink =
        tbb::make_filter<token, void>(tbb::filter_mode::serial_out_of_order, [&](token value) { sum += value; });
    tbb::task_arena arena(static_cast<int>(within.workers));
    arena.execute([&] { tbb::parallel_pipeline(within.in_flight, source & stage & sink); });
    return sum;
}

}  // namespace bench_engine
