// expect: penstock: a chain is source | stages | sink in this order
#include <penstock/compose.hpp>
#include <penstock/sources/from.hpp>

namespace ps = penstock;

int main() {
    auto job = ps::from({1, 2}) | ps::serial("forget", [](int) {});
#ifndef RIGHT
    auto more = std::move(job) | ps::serial("again", [](int) {});  // here
#endif
}
