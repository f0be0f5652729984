#include "run_state.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "log.hpp"

namespace penstock {

namespace {

/// How long ready items may wait for more of their kind before the input filter takes them.
constexpr auto input_nap = std::chrono::milliseconds(1);

std::vector<std::string> stage_names(const detail::blueprint& plan) {
    std::vector<std::string> names;
    for (const auto& stage : plan.stages) names.push_back(stage->name());
    if (!brings_last_stage(plan)) names.push_back(plan.sink->name());
    return names;
}

}  // namespace

bool brings_last_stage(const detail::blueprint& plan) noexcept {
    return !plan.sink->works_inline() && !plan.stages.empty() && plan.stages.back()->name() == plan.sink->name();
}

run_state::run_state(const detail::blueprint& plan, const run_options& options, unsigned workers)
    : options_(options),
      workers_(workers),
      sink_place_(abort_watch::of_sink(plan.stages.size())),
      metrics_(std::make_shared<detail::metric_block>(stage_names(plan))),
      table_(plan, options.queue_size),
      ledger_(options.ledger.empty() ? nullptr : plan.sink->ledger()),
      ready_(std::clamp<std::size_t>(options.queue_size / 4, 1, 256), input_nap),
      doing_(workers) {
    if (options.abort_when.any()) aborting_.emplace(options.abort_when, plan.stages.size(), *this);
    if (options.metrics != nullptr) options.metrics->attach(metrics_);
}

void run_state::end(end_reason reason, std::string detail) noexcept {
    {
        const std::lock_guard lock(end_mutex_);
        // A failure outweighs a stop: the caller must learn of it.
        if (!reason_ || (is_failure(reason) && !is_failure(*reason_))) {
            reason_ = reason;
            detail_ = std::move(detail);
        }
    }
    ending_.request_stop();
    table_.poke();
    ready_.poke();
}

void run_state::fail_run(std::string reason) noexcept { end(end_reason::failed, std::move(reason)); }

void run_state::warn(std::string_view text) noexcept { log_warning(text); }

void run_state::no_usable_proxy(std::string reason) noexcept { end(end_reason::no_usable_proxy, std::move(reason)); }

void run_state::abandon() noexcept {
    abandoned_.store(true);
    end(end_reason::stopped);
}

void run_state::name_stuck(const std::string& names) {
    if (names.size() > held_up_by_.size()) held_up_by_ = names;  // They return one by one: the fullest list tells most.
    const std::lock_guard lock(metrics_->stuck_mutex);
    metrics_->stuck = names;
}

void run_state::close_admission() noexcept {
    admission_closed_.store(true, std::memory_order_release);
    ready_.poke();
}

bool run_state::all_delivered(std::uint64_t delivered) const noexcept {
    // The order matters: an item is counted as taken before admission is closed.
    const bool closed = admission_closed_.load(std::memory_order_acquire) || ending_.stop_requested();
    const std::uint64_t turned_away = turned_away_.load(std::memory_order_acquire);
    return closed && delivered + turned_away == metrics_->taken.load(std::memory_order_acquire);
}

}  // namespace penstock
