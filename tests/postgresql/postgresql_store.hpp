#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server.hpp"
#include "tests/store/sqlite_store.hpp"

namespace penstock::testing {

/// A store into a PostgreSQL table and the run that it belongs to, item by item in the hands of a test.
template <class Row>
class postgresql_store {
public:
    postgresql_store(const std::string& url, table<Row> rows, store_options options = {.create_table = true},
                     std::size_t queue_size = 1000)
        : run(queue_size),
          piece_(detail::make_store_piece(database(url), std::move(rows), options)),
          stage_(piece_.template make_stage<std::vector<Row>>()),
          sink_(piece_.make_sink()) {
        stage_->open(1);
    }
    ~postgresql_store() { finish(); }
    postgresql_store(const postgresql_store&) = delete;
    postgresql_store& operator=(const postgresql_store&) = delete;

    /// Opens the database and begins the run.
    postgresql_store& begin() {
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

/// A row that every kind of constraint can be put on.
struct node {
    std::int64_t id = 0;
    std::optional<std::int64_t> parent{};
    std::optional<std::string> note{};
};

inline table<node> nodes() {
    return table("nodes", column("id", &node::id).key(), column("parent", &node::parent), column("note", &node::note));
}

/// One batch for all that is given: only the end closes it.
inline constexpr store_options one_batch{.max_rows = 1'000'000, .max_age = std::chrono::hours(1)};

}  // namespace penstock::testing
