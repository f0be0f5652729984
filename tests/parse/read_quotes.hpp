#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/compose.hpp"
#include "penstock/stages/parse.hpp"
#include "penstock/testing/collected.hpp"
#include "penstock/testing/pages.hpp"
#include "penstock/testing/run_inline.hpp"

namespace ps = penstock;

struct quote {
    std::string symbol;
    double price = 0;
    std::int64_t at = 0;
    bool operator==(const quote&) const = default;
};
using quotes = std::vector<quote>;

inline quote read_quote(simdjson::ondemand::object o) {
    return {std::string(std::string_view(o["symbol"])), double(o["price"]), std::int64_t(o["at"])};
}

struct reading {
    std::vector<quotes> rows;
    std::map<std::uint64_t, ps::dead_letter> dead;
    const std::string& reason(std::uint64_t item = 0) { return dead[item].reason; }
};

template <class Parse>
reading run(Parse parse, std::vector<std::string> bodies) {
    reading all;
    ps::testing::collected<quotes> kept;
    auto job = ps::testing::pages(std::move(bodies)) | std::move(parse) | kept.sink();
    ps::testing::run_inline(job,
                            {.dead_letters = [&](const ps::dead_letter& letter) { all.dead[letter.item] = letter; }});
    all.rows = kept.values();
    return all;
}

inline reading run_quotes(std::vector<std::string> bodies) {
    return run(ps::parse("/data", read_quote), std::move(bodies));
}

inline const std::string one = R"({"symbol":"A","price":1.5,"at":7})";
inline const quote first{"A", 1.5, 7};

/// A text cut off behind each of its bytes.
inline std::vector<std::string> all_cuts(const std::string& whole) {
    std::vector<std::string> cuts;
    for (std::size_t size = 0; size < whole.size(); ++size) cuts.push_back(whole.substr(0, size));
    return cuts;
}
