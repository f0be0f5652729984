// One of the checks of formats.hpp for libFuzzer: which, the build says.
#include <cstdio>
#include <cstdlib>

#include "formats.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string finding = penstock::testing::CHECK({bytes, size});
    if (finding.empty()) return 0;
    std::fprintf(stderr, "%s\n", finding.c_str());
    std::abort();
}
