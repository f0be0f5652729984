// expect: penstock: only penstock's pieces can be joined with |
#include <penstock/compose.hpp>
#include <penstock/sources/from.hpp>

namespace ps = penstock;

int main() {
    auto twice = [](int n) { return 2 * n; };
#ifdef RIGHT
    auto job = ps::from({1, 2}) | ps::parallel("twice", twice);
#else
    auto job = ps::from({1, 2}) | twice;  // here
#endif
}
