#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "batcher.hpp"
#include "connection.hpp"
#include "penstock/detail/run_services.hpp"
#include "penstock/stages/store/database_options.hpp"
#include "retry_schedule.hpp"

namespace penstock::detail {

/// Brings one batch after the other to its end: written, settled and counted. Lives for one run, on the writer's
/// thread; only `abandon` may be called from another.
class batch_writer {
public:
    /// Gives a batch up that met nobody's fault for `retry_for`. With a ledger every item is settled in it, also one
    /// without rows.
    batch_writer(std::unique_ptr<connection> to, run_services& run,
                 std::chrono::nanoseconds retry_for = database_options().retry_for, bool keeps_ledger = false);

    /// Settles every item of the batch: as committed, as dead if the database refused it, as in doubt if the link was
    /// lost at COMMIT, as abandoned if the run was cut short or the database is gone. A doubt ends the batch and not
    /// the run: those items are never sent again, the next batch is. False once nothing will be written any more.
    ///
    /// What went well altogether may be settled only while the database is at work on the next batch, so that it is not
    /// idle meanwhile: by the next `write` or by `settle_committed`.
    bool write(batch work) noexcept;

    /// Settles what is committed and not settled yet. To be called before waiting for a next batch.
    void settle_committed() noexcept;

    /// What a batch whose link was lost is asked, before it is tried again on this connection: true if another one is
    /// to have it.
    void hand_over_if(std::function<bool()> others_are_well) { others_are_well_ = std::move(others_are_well); }
    /// The batch that the last `write` left to another connection, and how long this one should rest; nothing if it
    /// left none.
    struct left_batch {
        batch work;
        std::chrono::nanoseconds rest;
    };
    std::optional<left_batch> take_back() noexcept { return std::exchange(left_, std::nullopt); }

    /// True once an item of a batch turned out to be in the ledger already.
    bool has_skipped() const noexcept { return has_skipped_; }

    /// Nothing more is written. May be called from any thread.
    void give_up() noexcept { failed_.store(true, std::memory_order_relaxed); }

    /// Ends the wait for the database; what is not committed by then is abandoned.
    void abandon() noexcept;

private:
    write_result try_to_write(const batch& work, std::optional<std::chrono::nanoseconds>& rest) noexcept;
    write_result write_rows();
    void turn_the_page(const batch& work);
    void note_trouble(const std::string& reason) noexcept;
    void note_end(bool well) noexcept;
    void count(std::uint64_t rows, std::uint64_t bytes) noexcept;
    void settle(batch work, const write_result& result, outcome well) noexcept;
    void settle_notes(slot_chain notes) noexcept;

    std::unique_ptr<connection> to_;
    run_services& run_;
    const std::chrono::nanoseconds retry_for_;
    const bool keeps_ledger_;
    std::minstd_rand dice_{std::random_device()()};  ///< For pauses that are not the same in all programs.
    std::vector<const encoded_rows*> rows_;          ///< The batch in work, as the connection wants it.
    std::vector<item_key> keys_;                     ///< And what the ledger is to hold of it.
    std::vector<ledger_note> notes_;
    std::int64_t number_ = 0;
    std::mt19937_64 numbers_{std::random_device()()};
    retry_schedule schedule_{retry_for_};                               ///< Since a batch was written.
    std::optional<std::chrono::steady_clock::time_point> tried_since_;  ///< The batch in work.
    bool warned_ = false;
    std::function<bool()> others_are_well_;
    std::optional<left_batch> left_;
    batch committed_;  ///< And not settled yet.
    bool has_skipped_ = false;
    std::atomic<bool> failed_{false};
    std::atomic<bool> abandoned_{false};
};

}  // namespace penstock::detail
