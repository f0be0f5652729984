// expect: use of deleted function
#include <iostream>
#include <penstock/secret.hpp>

namespace ps = penstock;

int main() {
    const ps::secret word = "hunter2";
#ifdef RIGHT
    std::cout << word.empty();
#else
    std::cout << word;  // here
#endif
}
