// expect: use of deleted function
#include <iostream>
#include <penstock/item_key.hpp>
#include <penstock/secret.hpp>
#include <sstream>
#include <string>

namespace ps = penstock;

struct order {
    int number;
};

// In the library's own namespace, where every overload is seen, texts are streamed as ever.
template <>
struct penstock::keyed_as<order> {
    static std::string key(const order& of) {
        std::ostringstream text;
        text << "order " << std::string("number ") << of.number;
        return text.str();
    }
};

int main() {
    const ps::secret word = "hunter2";
#ifdef RIGHT
    std::cout << word.empty();
#else
    std::cout << word;  // here
#endif
}
