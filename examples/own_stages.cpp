// Stages of one's own between parse and the sink: some work row by row, some on all rows of an item, one keeps state.
#include <cstdint>
#include <iostream>
#include <optional>
#include <penstock/penstock.hpp>
#include <penstock/testing/pages.hpp>
#include <set>
#include <string>
#include <vector>

namespace ps = penstock;

struct quote {
    std::string symbol;
    double price;
    std::int64_t at_ms;
};

using page_quotes = std::vector<quote>;  // What parse makes of one item.

quote read_quote(simdjson::ondemand::object o) {
    return {std::string(std::string_view(o["symbol"])), double(o["price"]), std::int64_t(o["at_ms"])};
}

int main() {
    auto in_range = [](quote q) -> std::optional<quote> {
        if (q.price <= 0 || q.price > 1e6) return std::nullopt;  // This row is left out.
        return q;
    };
    auto no_repeats = [seen = std::set<std::string>{}](page_quotes quotes) mutable -> ps::result<page_quotes> {
        std::erase_if(quotes, [&](const quote& q) { return !seen.insert(q.symbol + std::to_string(q.at_ms)).second; });
        if (quotes.empty()) return ps::dropped;  // Nothing new in the whole item.
        return quotes;
    };
    auto print = [](const page_quotes& quotes) {
        for (const quote& q : quotes) std::cout << q.symbol << ' ' << q.price << ' ' << q.at_ms << '\n';
    };

    // clang-format off: a piece of the chain a line.
    auto clean = ps::parallel("in_range", ps::each(in_range)) | ps::serial("no_repeats", no_repeats);

    auto job =
        ps::testing::pages({R"({"data":[{"symbol":"A","price":1.5,"at_ms":1},{"symbol":"B","price":-1,"at_ms":1}]})",
                            R"({"data":[{"symbol":"A","price":1.5,"at_ms":1}]})",
                            R"({"data":[{"symbol":"A","price":1.75,"at_ms":2}]})"})
        | ps::parse("/data", read_quote) | clean | ps::in_order("print", print);
    // clang-format on
    const ps::report done = job.run();
    std::cerr << done << '\n';
    return done.clean() ? 0 : 1;
}
