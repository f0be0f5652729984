// The test that a user writes first: no network, no database, no threads.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <penstock/penstock.hpp>
#include <penstock/testing/collected.hpp>
#include <penstock/testing/pages.hpp>
#include <penstock/testing/run_inline.hpp>
#include <string>
#include <vector>

namespace ps = penstock;

struct quote {
    std::string symbol;
    double price;
};

quote read_quote(simdjson::ondemand::object o) {
    return {std::string(std::string_view(o["symbol"])), double(o["price"])};
}

void expect(bool holds, const char* what) {
    if (holds) return;
    std::cerr << "not so: " << what << '\n';
    std::exit(1);
}

int main() {
    const std::string good = R"({"data":[{"symbol":"A","price":1.5},{"symbol":"B","price":2.5}]})";
    ps::testing::collected<std::vector<quote>> kept;

    // clang-format off: a piece of the chain a line.
    auto r =
        ps::testing::run_inline(ps::testing::pages({good, "{", good}) | ps::parse("/data", read_quote) | kept.sink());
    // clang-format on

    expect(r.count(ps::outcome::committed) == 2, "both good pages arrive");
    expect(r.count(ps::outcome::dead) == 1, "the bad page is one dead letter");
    expect(kept.values().size() == 2 && kept.values()[0].size() == 2, "each good page has two quotes");
    expect(kept.values()[0][1].symbol == "B", "the second quote is B's");
    std::cout << r << '\n';
}
