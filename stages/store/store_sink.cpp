#include "store_sink.hpp"

#include <chrono>
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
    connection_.reset();  // A run that never opened left it, and it may hold the file.
    connection_ = connect(to_, tables_, options_, ending, ledger_);
    looking_up_.be_patient(to_.options().retry_for);
    looking_up_.open(ledger_.wanted() ? open_ledger(to_, tables_, ledger_, options_, ending) : nullptr);
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
    if (connection_ == nullptr) preflight({});
    waiting_ = batcher({options_.max_rows, options_.max_bytes, max_batch_items(run.queue_size()), options_.max_age});
    hurry_ = ending_ = false;
    run_ = &run;
    writer_ = std::make_unique<batch_writer>(std::move(connection_), run, to_.options().retry_for, ledger_.wanted());
    try {
        thread_ = own_thread("penstock-store", [this] { write_batches(); });
    } catch (const std::system_error& error) {
        writer_.reset();
        looking_up_.open(nullptr);
        throw preflight_failed(std::string("store cannot start its writer thread: ") + error.what());
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
    if (!thread_.running()) return;
    {
        const std::lock_guard lock(mutex_);
        hurry_ = ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
    std::unique_ptr<batch_writer> done;
    {
        const std::lock_guard lock(mutex_);  // `abandon` may be looking at it.
        done = std::move(writer_);
    }
    looking_up_.open(nullptr);
}

void store_sink::abandon() noexcept {
    {
        const std::lock_guard lock(mutex_);
        hurry_ = true;
        if (writer_ != nullptr) writer_->abandon();
    }
    changed_.notify_one();
}

void store_sink::write_batches() noexcept {
    std::unique_lock lock(mutex_);
    for (;;) {
        if (waiting_.empty()) {
            if (ending_) return;
            changed_.wait(lock);
            continue;
        }
        if (!hurry_ && !waiting_.full() && std::chrono::steady_clock::now() < waiting_.due()) {
            changed_.wait_until(lock, waiting_.due());
            continue;
        }
        batch_writer& writer = *writer_;
        batch next = waiting_.take();
        lock.unlock();
        const bool alive = writer.write(std::move(next));
        lock.lock();
        if (!alive) hurry_ = true;
    }
}

}  // namespace penstock::detail
