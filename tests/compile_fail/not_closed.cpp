// expect: penstock: this chain is not closed
#include <penstock/compose.hpp>
#include <penstock/sources/from.hpp>

namespace ps = penstock;

int main() {
    auto open = ps::from({1, 2}) | ps::parallel("same", [](int n) { return n; });
#ifdef RIGHT
    auto job = std::move(open) | ps::serial("forget", [](int) {});
    job.run({.queue_size = 2});
#else
    open.run();  // here
#endif
}
