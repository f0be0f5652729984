// expect: penstock: wrong joint
#include <penstock/compose.hpp>
#include <penstock/sources/from.hpp>
#include <string>

namespace ps = penstock;

int main() {
#ifdef RIGHT
    auto length = [](int n) { return n; };
#else
    auto length = [](const std::string& text) { return text.size(); };
#endif
    auto job = ps::from({1, 2}) | ps::parallel("length", length);  // here
}
