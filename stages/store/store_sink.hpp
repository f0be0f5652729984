#pragma once

#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "batch_writer.hpp"
#include "batcher.hpp"
#include "connection.hpp"
#include "ledger_look_up.hpp"
#include "penstock/detail/any_ledger.hpp"
#include "penstock/detail/any_sink.hpp"
#include "penstock/detail/own_thread.hpp"
#include "penstock/stages/store/database.hpp"
#include "penstock/stages/store/store_options.hpp"
#include "penstock/stages/store/table_spec.hpp"

namespace penstock::detail {

/// The serial half of store. `take` links items to those that wait; threads of its own, "penstock-store", one for each
/// connection, cut them into batches, write these and settle them. They own the clock of `max_age`, so that a batch is
/// written although nothing more comes. A connection serves one run. One whose link is lost leaves its batch to those
/// that are well, if there are any.
class store_sink final : public any_sink, private any_ledger {
public:
    store_sink(database to, table_specs tables, store_options options);
    ~store_sink() override;

    any_ledger* ledger() noexcept override { return this; }
    void preflight(const std::stop_token& ending) override;
    void open(run_services& run) override;
    void take(slot_chain items) noexcept override;
    void close() noexcept override;
    void abandon() noexcept override;

private:
    /// A connection at work, and its thread.
    struct writing {
        std::unique_ptr<batch_writer> writer;
        bool well = true;  ///< False from a lost link until a batch was written again, and once the thread has ended.
        own_thread thread;
    };

    void choose(ledger_choice what) override;
    bool look_up(std::span<slot* const> items, std::vector<bool>& settled) override;
    void stop_looking() noexcept override { looking_up_.stop(); }
    void record(slot_chain items) noexcept override;

    void wake_for(slot_chain items, void (batcher::*add)(slot_chain, batcher::time_point) noexcept) noexcept;
    void start(run_services& run);
    void write_batches(writing& by) noexcept;
    void rest(std::unique_lock<std::mutex>& lock, std::chrono::nanoseconds time);
    bool is_another_well(const writing& than) noexcept;

    const database to_;
    const table_specs tables_;
    const store_options options_;

    ledger_terms ledger_;  ///< What the next run wants, or this one.
    ledger_look_up looking_up_;
    run_services* run_ = nullptr;

    std::vector<std::unique_ptr<connection>> connections_;  ///< Made by `preflight`; they move to the writers.

    std::mutex mutex_;  ///< Guards what follows; not held while the database is at work.
    std::condition_variable changed_, rested_;
    batcher waiting_;
    bool hurry_ = false;          ///< True once batches are not to wait for their age any more.
    bool over_ = false;           ///< True once nothing more will be written.
    bool ending_ = false;         ///< True once nothing more will be taken.
    std::list<writing> at_work_;  ///< There from `open` to `close`.
};

}  // namespace penstock::detail
