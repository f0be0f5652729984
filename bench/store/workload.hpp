#pragma once

#include <cstddef>
#include <cstdint>
#include <penstock/penstock.hpp>
#include <string>
#include <utility>
#include <vector>

/// What every contender of this folder does: it puts `rows` filings into the table `filings`, 5,000 in a transaction.
/// The table is run.sh's; its bytes are the same for all, whoever makes them.
namespace bench_store {

constexpr std::size_t rows_in_a_batch = 5000;
constexpr std::size_t rows_in_an_item = 10;

struct filing {
    std::int64_t id = 0;
    std::int64_t company = 0;
    std::string filed;
    std::string form;
    double amount = 0;
    std::string note;
};

inline auto filings_by(penstock::column<std::int64_t filing::*> id) {
    return penstock::table("filings", std::move(id), penstock::column("company", &filing::company),
                           penstock::column("filed", &filing::filed), penstock::column("form", &filing::form),
                           penstock::column("amount", &filing::amount), penstock::column("note", &filing::note));
}
inline auto filings() { return filings_by(penstock::column("id", &filing::id)); }
inline auto keyed_filings() { return filings_by(penstock::column("id", &filing::id).key()); }

inline filing make_filing(std::int64_t id) {
    static const char* const forms[] = {"10-K", "10-Q", "8-K", "DEF 14A"};
    const std::string day = std::to_string(10 + id % 19);
    return {.id = id,
            .company = 1'000'000 + id * 7919 % 900'000,
            .filed = "2026-0" + std::to_string(1 + id % 9) + "-" + day,
            .form = forms[id % 4],
            .amount = static_cast<double>(id * 104'729 % 100'000'000) / 100,
            .note = "Annual report of company " + std::to_string(id % 1000) + ", as filed; see exhibit " + day};
}

/// The rows of one item, which is what a page would hold.
inline std::vector<filing> make_item(std::int64_t item) {
    std::vector<filing> rows;
    rows.reserve(rows_in_an_item);
    for (std::size_t row = 0; row < rows_in_an_item; ++row)
        rows.push_back(make_filing(item * static_cast<std::int64_t>(rows_in_an_item) + static_cast<std::int64_t>(row)));
    return rows;
}

}  // namespace bench_store
