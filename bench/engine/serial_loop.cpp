// The baseline: the same work in a plain loop. It says how little there is to do, not what an engine could reach.
#include "workload.hpp"

namespace bench_engine {

token run_serial_loop(token items, const limits&) {
    token sum = 0;
    for (token next = 1; next <= items; ++next) {
        token value = work_on(next);
        asm volatile("" : "+r"(value));  // Keeps the compiler from solving the loop.
        sum += value;
    }
    return sum;
}

}  // namespace bench_engine
