// expect: so it must be const-callable
#include <penstock/compose.hpp>
#include <penstock/sources/from.hpp>

namespace ps = penstock;

int main() {
#ifdef RIGHT
    auto job = ps::from({1, 2}) | ps::serial("count", [n = 0](int) mutable { return ++n; });
#else
    auto job = ps::from({1, 2}) | ps::parallel("count", [n = 0](int) mutable { return ++n; });  // here
#endif
}
