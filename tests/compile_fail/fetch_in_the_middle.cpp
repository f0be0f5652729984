// expect: penstock: fetch stands once, right behind its source
#include <penstock/compose.hpp>
#include <penstock/sources/from.hpp>
#include <penstock/stages/fetch.hpp>
#include <string>

namespace ps = penstock;

int main() {
    auto url = ps::parallel("url", [](std::string path) { return "http://localhost/" + path; });
    auto paths = ps::from(std::vector<std::string>{"a"});
#ifdef RIGHT
    auto job = std::move(paths) | ps::fetch();
#else
    auto job = std::move(paths) | url | ps::fetch();  // here
#endif
}
