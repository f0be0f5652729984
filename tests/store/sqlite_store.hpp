#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fake_run.hpp"
#include "penstock/errors.hpp"
#include "penstock/stages/store.hpp"
#include "sqlite_file.hpp"

namespace penstock::testing {

/// A store into a SQLite file and the run that it belongs to, item by item in the hands of a test.
template <class Row>
class sqlite_store {
public:
    sqlite_store(const std::filesystem::path& file, table<Row> rows, store_options options = {.create_table = true},
                 std::size_t queue_size = 1000)
        : run(queue_size),
          piece_(detail::make_store_piece(database("sqlite:" + file.string()), std::move(rows), options)),
          stage_(piece_.template make_stage<std::vector<Row>>()),
          sink_(piece_.make_sink()) {
        stage_->open(1);
    }
    ~sqlite_store() { finish(); }
    sqlite_store(const sqlite_store&) = delete;
    sqlite_store& operator=(const sqlite_store&) = delete;

    /// Opens the database and begins the run.
    sqlite_store& begin() {
        sink_->preflight();
        sink_->open(run);
        return *this;
    }
    /// One item with these rows.
    void give(std::vector<Row> rows) { give_together({std::move(rows)}); }

    /// Several items that come at once.
    void give_together(std::vector<std::vector<Row>> items) {
        detail::slot_chain chain;
        for (auto& rows : items) {
            ++given_;
            if (detail::slot* item = run.encode(*stage_, std::move(rows))) chain.push_back(*item);
        }
        if (!chain.empty()) sink_->take(std::move(chain));
    }
    /// Waits until every item that was given is settled.
    bool wait() { return run.wait_for(given_); }
    void abandon() { sink_->abandon(); }
    void finish() { sink_->close(); }

    std::string preflight_message() {
        try {
            sink_->preflight();
        } catch (const preflight_failed& why) {
            return why.what();
        }
        return "";
    }

    fake_run run;

private:
    detail::store_piece<Row> piece_;
    std::unique_ptr<detail::any_stage> stage_;
    std::unique_ptr<detail::any_sink> sink_;
    std::size_t given_ = 0;
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
