// The schedules of the machines for libFuzzer, which finds its way to the rare ones by what they reach.
#include <cstdio>
#include <cstdlib>

#include "world.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string finding = penstock::testing::run_machines({bytes, size});
    if (finding.empty()) return 0;
    std::fprintf(stderr, "%s\n", finding.c_str());
    std::abort();
}
