#include <utility>

#include "fetch_run.hpp"

// What becomes of a job whose attempt has failed: another one later, or the end.
namespace penstock::fetch_stage {

void fetch_run::retry_or_fail(job& one, const verdict& judged, std::chrono::seconds retry_after) {
    if (judged.worth_a_retry && orders_ != mailbox::none) return leave(one);
    if (judged.of_proxy != fault_scope::none && proxies_.pool().all_locked_out(now_)) {
        // No wait of the item's would be long enough, and no other's either.
        end_without_proxies();
        return give_up(one, giving_up::no_attempts_left, judged.why, retry_after);
    }
    const double draw = std::uniform_real_distribution<double>(0, 1)(dice_);
    host_queue& host = *one.host;
    const unsigned tries = one.attempts - one.switches;  // Those that proxies spoiled say nothing about the target.
    const bool invited = asks_for_a_pause(judged.why.status, retry_after);
    const bool paused_before = host.pausing;
    if (invited) pause(host, policy_.pause(tries, draw, retry_after));
    const bool pausing = host.pausing;  // Then it is not forgotten, even if this was its last job.
    if (judged.worth_a_retry) {
        const time_point item_time = item_clock_.at(now_);
        const auto next = policy_.next(tries, item_time, one.deadline, draw, retry_after);
        if (const auto* const why_not = std::get_if<giving_up>(&next)) {
            give_up(one, *why_not, judged.why, retry_after);
        } else if (!invited && !host.retries.spend(options_.retry_budget, now_)) {
            give_up(one, giving_up::no_budget_left, judged.why, retry_after);
        } else {
            sleep(one, now_ + (std::get<time_point>(next) - item_time), judged.why);
        }
    } else {
        give_up(one, giving_up::not_worth_it, judged.why, retry_after);
    }
    if (!pausing) return;
    if (!paused_before) {
        park_all(host);
    } else if (options_.when_parked == beyond_share::die) {
        shed(host);
    }
}

void fetch_run::sleep(job& one, time_point until, const failure& why) {
    const host_queue& host = *one.host;
    if (host.waiting.empty() && schedule_.parks_too_many(host) && options_.when_parked == beyond_share::die) {
        detail::add(figures_.beyond_share, 1);
        failure no_more = no_place(host);
        no_more.status = why.status;
        return fail(one, std::move(no_more));
    }
    one.wakes = until;
    one.has_past = true;
    one.last_reason = why.reason;
    one.last_proxy = why.proxy;
    one.last_status = why.status;
    one.stuck = why.kind == error_kind::timeout;
    sleeping_.push(one);
}

void fetch_run::give_up(job& one, giving_up reason, failure why, std::chrono::seconds retry_after) {
    switch (reason) {
        case giving_up::not_worth_it:
        case giving_up::no_attempts_left: break;
        case giving_up::no_time_left: {
            const int status = why.status;
            why = out_of_time("leaves no time for a retry (attempt " + std::to_string(one.attempts) + ": " + why.reason
                              + ')');
            why.status = status;
            break;
        }
        case giving_up::asked_for_too_much:
            why.kind = error_kind::rate_limited;
            why.reason += "; the server asks to wait " + std::to_string(retry_after.count()) + " s before a retry, "
                          + (retry_after > options_.max_backoff ? "which is longer than max_backoff"
                                                                : "which is longer than item_timeout leaves");
            break;
        case giving_up::no_budget_left:
            why.reason += "; not tried again, for the retry_budget of " + one.host->origin + " is used up";
            break;
    }
    if (one.attempts > 1 && why.kind != error_kind::timeout) {
        why.reason += " (attempt " + std::to_string(one.attempts) + ')';
    }
    fail(one, std::move(why));
}

}  // namespace penstock::fetch_stage
