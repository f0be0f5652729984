#include "store_sink.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <system_error>
#include <utility>

#include "penstock/errors.hpp"

namespace penstock::detail {

store_sink::store_sink(database to, table_specs tables, store_options options)
    : any_sink("store", mode::serial),
      to_(std::move(to)),
      tables_(std::move(tables)),
      options_(options),
      waiting_({options.max_rows, options.max_bytes, 1, options.max_age}) {}

store_sink::~store_sink() { close(); }

void store_sink::preflight(const std::stop_token& ending) {
    connections_.clear();  // A run that never opened left them, and they may hold the file.
    connections_.push_back(connect(to_, tables_, options_, ending, ledger_));
    looking_up_.be_patient(to_.options().retry_for);
    looking_up_.open(ledger_.wanted() ? open_ledger(to_, tables_, ledger_, options_, ending) : nullptr);
    // Where rows replace or ignore each other it matters which batch is first, so there is one at a time.
    if (options_.conflicts != conflict_policy::error) return;
    while (connections_.size() < to_.options().connections) try {
            std::unique_ptr<connection> one_more = connections_.front()->another();
            if (one_more == nullptr) return;
            connections_.push_back(std::move(one_more));
        } catch (const preflight_failed&) {
            return;  // Fewer do as well.
        }
}

void store_sink::choose(ledger_choice what) {
    if (!what.name.empty()) check_ledger_name(what.name);
    ledger_ = terms_of(what, tables_);
}

bool store_sink::look_up(std::span<slot* const> items, std::vector<bool>& settled) {
    return looking_up_.look_up(items, settled, *run_);
}

void store_sink::record(slot_chain items) noexcept { wake_for(std::move(items), &batcher::add_notes); }

void store_sink::open(run_services& run) {
    if (connections_.empty()) preflight({});
    waiting_ = batcher({options_.max_rows, options_.max_bytes, max_batch_items(run.queue_size(), connections_.size()),
                        options_.max_age});
    hurry_ = over_ = ending_ = false;
    run_ = &run;
    try {
        start(run);
    } catch (...) {
        close();
        throw;
    }
}

void store_sink::start(run_services& run) {
    for (auto& one : std::exchange(connections_, {})) {
        writing& next = at_work_.emplace_back();
        next.writer = std::make_unique<batch_writer>(std::move(one), run, to_.options().retry_for, ledger_.wanted());
        next.writer->hand_over_if([&] { return is_another_well(next); });
    }
    for (writing& one : at_work_) try {
            one.thread = own_thread("penstock-store", [&] { write_batches(one); });
        } catch (const std::system_error& error) {
            if (&one == &at_work_.front())
                throw preflight_failed(std::string("store cannot start its writer thread: ") + error.what());
            const std::lock_guard lock(mutex_);
            one.well = false;  // Fewer do as well.
        }
}

void store_sink::take(slot_chain items) noexcept { wake_for(std::move(items), &batcher::add); }

void store_sink::wake_for(slot_chain items, void (batcher::*add)(slot_chain, batcher::time_point) noexcept) noexcept {
    const auto now = std::chrono::steady_clock::now();
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        const bool was_empty = waiting_.empty();
        const bool was_full = waiting_.full();
        (waiting_.*add)(std::move(items), now);
        // The writer sleeps for a first item or for a batch; it needs to know of nothing in between.
        wake = was_empty || (!was_full && waiting_.full());
    }
    if (wake) changed_.notify_one();
}

void store_sink::close() noexcept {
    {
        const std::lock_guard lock(mutex_);
        hurry_ = ending_ = true;
    }
    changed_.notify_all();
    rested_.notify_all();
    for (writing& one : at_work_) one.thread.join();
    std::list<writing> done;
    {
        const std::lock_guard lock(mutex_);  // `abandon` may be looking at them.
        done.swap(at_work_);
    }
    looking_up_.open(nullptr);
}

void store_sink::abandon() noexcept {
    {
        const std::lock_guard lock(mutex_);
        hurry_ = over_ = true;
        for (writing& one : at_work_) one.writer->abandon();
    }
    changed_.notify_all();
    rested_.notify_all();
}

bool store_sink::is_another_well(const writing& than) noexcept {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(at_work_, [&](const writing& one) { return &one != &than && one.well; });
}

void store_sink::write_batches(writing& by) noexcept {
    std::unique_lock lock(mutex_);
    const auto is_due = [this] {
        return !waiting_.empty() && (hurry_ || waiting_.full() || std::chrono::steady_clock::now() >= waiting_.due());
    };
    for (;;) {
        if (!is_due()) {
            lock.unlock();
            by.writer->settle_committed();
            lock.lock();
        }
        while (!is_due()) {
            if (!waiting_.empty()) {
                changed_.wait_until(lock, waiting_.due());
            } else if (!ending_) {
                changed_.wait(lock);
            } else {
                by.well = false;  // Nothing may be left to it any more.
                return;
            }
        }
        batch next = waiting_.take();
        // Another writer has the rest, or its clock; those that rest have nothing to wait for once all is taken.
        if (waiting_.empty())
            rested_.notify_all();
        else
            changed_.notify_one();
        lock.unlock();
        const bool alive = by.writer->write(std::move(next));
        std::optional<batch_writer::left_batch> left = by.writer->take_back();
        if (by.writer->has_skipped()) looking_up_.others_settle_too();
        lock.lock();
        by.well = alive && !left;
        if (!alive) {
            hurry_ = over_ = true;
            for (writing& one : at_work_) one.writer->give_up();
        }
        if (left) {
            waiting_.put_back(std::move(left->work));
            changed_.notify_one();
            rest(lock, left->rest);
        }
    }
}

/// Leaves the batches to the others for a while.
void store_sink::rest(std::unique_lock<std::mutex>& lock, std::chrono::nanoseconds time) {
    rested_.wait_for(lock, time, [this] { return over_ || (ending_ && waiting_.empty()); });
}

}  // namespace penstock::detail
