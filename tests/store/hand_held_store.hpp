#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fake_run.hpp"
#include "penstock/errors.hpp"
#include "penstock/stages/store.hpp"

namespace penstock::testing {

/// A store and the run that it belongs to, item by item in the hands of a test.
template <class Row>
class hand_held_store {
public:
    hand_held_store(database to, table<Row> rows, store_options options, std::size_t queue_size)
        : run(queue_size),
          piece_(detail::make_store_piece(std::move(to), std::move(rows), options)),
          stage_(piece_.template make_stage<std::vector<Row>>()),
          sink_(piece_.make_sink()) {
        stage_->open(1);
    }
    ~hand_held_store() { finish(); }
    hand_held_store(const hand_held_store&) = delete;
    hand_held_store& operator=(const hand_held_store&) = delete;

    /// Opens the database and begins the run.
    hand_held_store& begin() {
        sink_->preflight({});
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
            sink_->preflight({});
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

}  // namespace penstock::testing
