#include <string>

#include "fetch_run.hpp"
#include "penstock/detail/affordable_text.hpp"
#include "show_time.hpp"
#include "testimony.hpp"

// Targets that are taken for dead: who may ask them, and what comes of it.
namespace penstock::fetch_stage {

breaker::pass fetch_run::ask_target(const job& one) noexcept {
    if (targets_.empty()) return breaker::pass::usual;
    const target* const at = targets_.find(one.target());
    return at == nullptr ? breaker::pass::usual : at->state.may_go(now_);
}

void fetch_run::begin_asking(job& one, breaker::pass as) noexcept {
    one.pass = as;
    one.sent = now_;
    if (as != breaker::pass::probe) return;
    target& at = *targets_.find(one.target());
    at.state.begun(as);
    targets_.update(at);
}

/// The attempt is over without having said anything, unless it has been heard before.
void fetch_run::end_asking(job& one) noexcept {
    if (std::exchange(one.pass, breaker::pass::none) != breaker::pass::probe) return;
    target& at = *targets_.find(one.target());
    at.state.lost(breaker::pass::probe);
    targets_.update(at);
}

/// A job has come to a target that is taken for dead, and no longer counts at its host.
void fetch_run::turn_away(job& one) noexcept {
    target& at = *targets_.find(one.target());
    if (options_.breaker.items == breaker_options::when_open::hold && targets_.held() < schedule_.parked_most()) {
        return targets_.hold(at, one);
    }
    failure why{at.last.kind, detail::affordable_text([&] {
                    std::string reason = "not sent, for " + at.name + " is taken for dead after "
                                         + std::to_string(at.state.failures()) + " failures in a row";
                    if (at.state.until() > now_) {
                        reason += ", for another "
                                  + show_time(std::chrono::ceil<std::chrono::milliseconds>(at.state.until() - now_));
                    }
                    return reason + "; the last: " + at.last.reason;
                })};
    why.status = at.last.status;
    fail(one, std::move(why));
}

void fetch_run::note_alive(job& one) noexcept {
    const breaker::pass pass = std::exchange(one.pass, breaker::pass::none);
    if (targets_.empty()) return;
    target* const at = targets_.find(one.target());
    if (at == nullptr) return;
    if (at->state.succeeded(pass)) {
        run_.metrics().proxies.closed(at->name);
        targets_.update(*at);
    }
    targets_.forget_if_clear(*at);
}

void fetch_run::note_answer(job& one) noexcept {
    note_alive(one);
    const std::uint32_t proxy = one.through.number;
    if (proxy == way::direct) return;
    detail::add(proxies_.figures(proxy).answers, 1);
    proxies_.pool().answered(proxy, one.host->origin, one.sent);
}

void fetch_run::note_failure(job& one, const verdict& judged) {
    if (!breaker_works_) return;
    switch (testimony_of(judged)) {
        case testimony::nothing: return end_asking(one);
        case testimony::alive: return note_alive(one);
        case testimony::failing: break;
    }
    target& at = targets_.find_or_add(one.target());
    at.last = judged.why;
    const bool was_open = at.state.is_open();
    const breaker::pass pass = one.pass;
    if (at.state.failed(pass, one.through.number, now_, breaker_rules_)) {
        detail::add(run_.metrics().proxies.breaker_opened, 1);
        if (!was_open) run_.metrics().proxies.opened(at.name);
        targets_.update(at);
    }
    one.pass = breaker::pass::none;
}

void fetch_run::let_held_go() noexcept {
    while (job* const one = targets_.take_due(now_)) schedule_.wait(*one);
}

/// Takes a job out of where it waits.
void fetch_run::let_go(job& one) noexcept {
    switch (one.waiting) {
        case job::waits_for::host: return schedule_.withdraw(one);
        case job::waits_for::target: return targets_.let_go(*targets_.find(one.target()), one);
        case job::waits_for::proxy: proxies_.withdraw(one); return schedule_.not_sent(one);
    }
}

}  // namespace penstock::fetch_stage
