#include <string>
#include <utility>

#include "fetch_run.hpp"
#include "penstock/detail/affordable_text.hpp"

// Origins whose servers have them wait. Their items hold no transfer, and take up no more of the queue than they may.
namespace penstock::fetch_stage {

bool fetch_run::asks_for_a_pause(int status, std::chrono::seconds retry_after) noexcept {
    return status == 429 || (status == 503 && retry_after.count() > 0);
}

void fetch_run::pause(host_queue& host, std::chrono::nanoseconds time) noexcept {
    detail::add(figures_.pauses, 1);
    if (!host.pausing && time.count() > 0) {
        // What waits for its proxy would be sent when that has room. What it has cost of the rate is given back first:
        // a pause is never made shorter.
        jobs_by_turn unsent = proxies_.call_back(host);
        while (job* const last = unsent.back()) {
            unsent.erase(*last);
            schedule_.take_back(*last);
        }
    }
    schedule_.pause(host, now_ + time);
}

/// A job has come to an origin that pauses.
void fetch_run::park(host_queue& host) noexcept {
    if (!schedule_.parks_too_many(host)) return;
    if (options_.when_parked == beyond_share::die) return shed(host);
    detail::add(figures_.beyond_share, 1);
}

/// An origin has just begun to pause.
void fetch_run::park_all(host_queue& host) noexcept {
    if (!schedule_.parks_too_many(host)) return;
    if (options_.when_parked == beyond_share::die) return shed(host);
    detail::add(figures_.beyond_share, host.parked() - schedule_.parked_most());
}

void fetch_run::shed(host_queue& host) noexcept {
    while (schedule_.parks_too_many(host) && !host.waiting.empty()) {
        job& last = *host.waiting.back();
        schedule_.withdraw(last);
        detail::add(figures_.beyond_share, 1);
        fail(last, no_place(host));
    }
}

failure fetch_run::no_place(const host_queue& host) const noexcept {
    return {error_kind::rate_limited, detail::affordable_text([&] {
                return host.origin + " asks to wait, and as many items wait for it as parked_share allows, "
                       + std::to_string(schedule_.parked_most());
            })};
}

void fetch_run::tell_parked() noexcept {
    if (schedule_.parked() == parked_told_) return;
    parked_told_ = schedule_.parked();
    figures_.parked.store(parked_told_, std::memory_order_relaxed);
}

}  // namespace penstock::fetch_stage
