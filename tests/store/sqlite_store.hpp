#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "hand_held_store.hpp"
#include "sqlite_file.hpp"

namespace penstock::testing {

/// One that writes into a SQLite file.
template <class Row>
class sqlite_store : public hand_held_store<Row> {
public:
    sqlite_store(const std::filesystem::path& file, table<Row> rows, store_options options = {.create_table = true},
                 std::size_t queue_size = 1000)
        : hand_held_store<Row>(database("sqlite:" + file.string()), std::move(rows), options, queue_size) {}
};

struct quote {
    std::string symbol;
    double price = 0;
    std::int64_t at_ms = 0;
};

inline table<quote> quotes() {
    return table("quotes", column("symbol", &quote::symbol).key(), column("price", &quote::price),
                 column("at_ms", &quote::at_ms).key());
}

/// True if the text holds the part; prints both if not.
inline ::testing::AssertionResult holds(const std::string& text, const std::string& part) {
    if (text.find(part) != text.npos) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << '"' << text << "\" does not hold \"" << part << '"';
}

/// The message of the `bad_option` that the callable throws; empty if it throws none.
template <class Callable>
std::string refusal_of(Callable&& callable) {
    try {
        callable();
    } catch (const bad_option& why) {
        return why.what();
    }
    return "";
}

}  // namespace penstock::testing
