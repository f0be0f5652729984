// expect: penstock: a source is moved into its chain
#include <penstock/compose.hpp>
#include <penstock/sources/from.hpp>

namespace ps = penstock;

int main() {
    auto numbers = ps::from({1, 2});
#ifdef RIGHT
    auto job = std::move(numbers) | ps::parallel("same", [](int n) { return n; });
#else
    auto job = numbers | ps::parallel("same", [](int n) { return n; });  // here
#endif
}
