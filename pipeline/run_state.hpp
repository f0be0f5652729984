#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "abort_watch.hpp"
#include "activity.hpp"
#include "mailbox.hpp"
#include "penstock/detail/blueprint.hpp"
#include "penstock/detail/metric_block.hpp"
#include "penstock/detail/run_services.hpp"
#include "penstock/report.hpp"
#include "penstock/run_options.hpp"
#include "slot_table.hpp"

namespace penstock {

/// True if the last stage is the sink's own and works for it, as that of store does: the two are one to whoever reads
/// the figures. A sink that works inline is a callable, which brings none, whatever the stage before it is called.
bool brings_last_stage(const detail::blueprint& plan) noexcept;

/// What the threads of one run share, and what they may ask of the engine. Made by `run`, outlives its threads.
class run_state final : public detail::run_services {
public:
    run_state(const detail::blueprint& plan, const run_options& options, unsigned workers);

    // What fetch and the sinks use; see run_services.
    void deliver(detail::slot_chain items) noexcept override { ready_.push(items); }
    void settle(detail::slot_chain items, outcome how) noexcept override;
    void settle_recorded(detail::slot_chain items, outcome how) noexcept override { let_go(items, how); }
    void fail_run(std::string reason) noexcept override;
    void warn(std::string_view text) noexcept override;
    void no_usable_proxy(std::string reason) noexcept override;
    bool abandoned() const noexcept override { return abandoned_.load(std::memory_order_relaxed); }
    detail::metric_block& metrics() noexcept override { return *metrics_; }
    std::size_t queue_size() const noexcept override { return options_.queue_size; }
    std::size_t max_bytes_in_flight() const noexcept override { return options_.max_bytes_in_flight; }
    std::chrono::nanoseconds item_timeout() const noexcept override { return options_.item_timeout; }

    /// What `settle` does, for items that no sink has judged. The place is where they failed, if they did: see
    /// `abort_watch`.
    void book(detail::slot_chain items, outcome how, std::size_t place) noexcept;
    /// Counts failures against the run's thresholds; null if it has none.
    abort_watch* aborting() noexcept { return aborting_ ? &*aborting_ : nullptr; }

    const run_options& options() const noexcept { return options_; }
    unsigned workers() const noexcept { return workers_; }
    slot_table& table() noexcept { return table_; }
    /// The run's ledger; null if it has none.
    detail::any_ledger* ledger() const noexcept { return ledger_; }

    /// Who is in which callable.
    activity& doing() noexcept { return doing_; }
    /// Shows the callables that do not return although the run is cut short; none if they have returned.
    void name_stuck(const std::string& names);

    /// Items on their way into the stages.
    mailbox& ready() noexcept { return ready_; }

    /// Ends admission and waiting. The first reason is kept.
    void end(end_reason reason, std::string detail = {}) noexcept;
    /// Cuts the run short.
    void abandon() noexcept;
    /// Stopped once the run is ending, for whatever reason but the source's own end.
    std::stop_token ending() const noexcept { return ending_.get_token(); }

    /// Settles items that were taken and never reach the stages.
    void turn_away(detail::slot_chain items, outcome how) noexcept;

    /// The source gives no more.
    void close_admission() noexcept;
    /// True if no item can follow the ones that were delivered so far.
    bool all_delivered(std::uint64_t delivered) const noexcept;

    /// Books whatever is not settled as abandoned, and writes the account; throws it as `run_failed` if the run has
    /// failed. After all threads have ended.
    report finish();

private:
    void let_go(detail::slot_chain items, outcome how) noexcept;
    detail::slot_chain write_letters(detail::slot_chain& items, outcome how, std::size_t place) noexcept;
    bool write_letter(const detail::slot& item, outcome how) noexcept;

    const run_options& options_;
    const unsigned workers_;
    const std::size_t sink_place_;
    std::shared_ptr<detail::metric_block> metrics_;
    slot_table table_;
    detail::any_ledger* const ledger_;
    mailbox ready_;
    activity doing_;
    std::optional<abort_watch> aborting_;
    std::string held_up_by_;  ///< The most callables that were named at once.

    std::stop_source ending_;
    std::atomic<bool> abandoned_{false};
    std::atomic<bool> admission_closed_{false};
    std::atomic<std::uint64_t> turned_away_{0};

    std::mutex end_mutex_;
    std::optional<end_reason> reason_;
    std::string detail_;

    const std::string letters_name_ = "the dead-letter sink";
    std::mutex letters_mutex_;
    std::string first_dead_;
};

}  // namespace penstock
