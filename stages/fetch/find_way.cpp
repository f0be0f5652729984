#include <algorithm>
#include <utility>

#include "fetch_run.hpp"
#include "penstock/detail/affordable_text.hpp"
#include "show_time.hpp"

// Through which proxy a job goes, and what a proxy's fault makes of it.
namespace penstock::fetch_stage {

namespace {

std::string show_until(time_point until, time_point now) {
    if (until == lockout::for_ever) return "for good";
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now);
    const bool long_enough = left > std::chrono::seconds(10);
    return "for at least " + (long_enough ? show_time(std::chrono::ceil<std::chrono::seconds>(left)) : show_time(left));
}

}  // namespace

/// False if the job does not go now: it waits for its proxy or its target, or has failed.
bool fetch_run::find_way(job& one) {
    const breaker::pass pass = ask_target(one);
    if (pass == breaker::pass::none) {
        schedule_.not_sent(one);
        turn_away(one);
        return false;
    }
    if (proxies_.any()) {
        const proxy_pool::choice chosen = proxies_.pool().choose(proxy_set::asked_by(one), now_);
        switch (chosen.is) {
            case proxy_pool::choice::what::go: break;
            case proxy_pool::choice::what::wait: proxies_.wait(one, chosen.proxy); return false;
            case proxy_pool::choice::what::no_way:
            case proxy_pool::choice::what::locked_out: {
                const bool for_all = chosen.is == proxy_pool::choice::what::locked_out;
                std::string reason = "no usable proxy for " + one.host->origin + ": all "
                                     + std::to_string(proxies_.size()) + " are locked out, "
                                     + show_until(chosen.until, now_);
                if (!one.last_reason.empty()) reason += "; the last attempt: " + one.last_reason;
                failure why{error_kind::proxy, reason};
                why.proxy = one.last_proxy;
                schedule_.not_sent(one);
                fail(one, std::move(why));
                if (for_all) end_without_proxies();
                return false;
            }
        }
        bool lasts = false;
        way through = proxies_.way_through(chosen.proxy, one.proxy_key(), lasts);
        if (lasts) {
            // Connections that rest make room for new ones, and so do identities that have none any more.
            const std::size_t most = 2 * budget_.transfers;
            while ((sockets_.open() >= most || identities_.size() > most + proxies_.size()) && identities_.drop_one()) {
            }
            through.as = &identities_.take(through.exit);
        }
        one.through = std::move(through);
        proxies_.pool().begin(chosen.proxy, now_);
        detail::add(proxies_.figures(chosen.proxy).attempts, 1);
    }
    begin_asking(one, pass);
    return true;
}

void fetch_run::start_waiters() noexcept {
    while (bodies_.may_begin()) {
        job* const one = proxies_.take_waiter(now_);
        if (one == nullptr) return;
        begin_safely(*one);
    }
}

/// Its attempt is over, or did not come about.
void fetch_run::leave_way(job& one) noexcept {
    end_asking(one);
    if (one.through.number == way::direct) return;
    proxies_.pool().end(one.through.number);
    if (one.through.as != nullptr) identities_.give_back(*one.through.as);
    if (session_ != nullptr && one.through.as_stranger()) session_->forget_exit(one.through.exit);
    one.through = {};
}

std::string fetch_run::shown_proxy(const job& one) const {
    return one.through.proxy != nullptr ? one.through.proxy->shown() : std::string();
}

/// What an attempt has failed by: its proxy, or else what `classify` says; nothing if it has not. `way` is what was to
/// be known before the attempt was called off, null if it has ended by itself.
std::optional<verdict> fetch_run::find_verdict(const transfer& sent, const attempt_facts& facts,
                                               const proxied_facts* way) {
    const job& one = *sent.work;
    if (one.through.proxy == nullptr) return classify(facts, options_);
    if (auto fault = find_proxy_fault(facts, way != nullptr ? *way : sent.way_facts(one.through))) {
        std::string reason = std::move(fault->what);
        if (!facts.detail.empty()) reason.append(" (").append(facts.detail).append(")");
        reason.append(": ").append(one.through.proxy->shown()).append(", for ").append(facts.url);
        verdict judged{{error_kind::proxy, std::move(reason)}, true, fault->scope, fault->never_sent};
        judged.why.status = facts.status;
        judged.why.connection_reset = facts.connection_reset;
        return judged;
    }
    return classify(facts, options_);
}

void fetch_run::note_at_proxy(job& one, const verdict& judged) {
    const std::uint32_t proxy = one.through.number;
    if (proxy == way::direct) return;
    detail::proxy_metrics::row& figures = proxies_.figures(proxy);
    if (judged.of_proxy == fault_scope::none) {
        if (judged.why.status == 0) return;  // Nothing came through it, for whatever reason.
        detail::add(figures.answers, 1);
        return proxies_.pool().answered(proxy, one.host->origin, one.sent);
    }
    detail::add(figures.faults, 1);
    proxies_.name_known(proxy);
    proxies_.renew_session(one.through, one.proxy_key());
    if (session_ != nullptr && one.through.as != nullptr && !one.through.session().empty()) {
        session_->forget_exit(one.through.exit);
    }
    one.has_past = true;
    if (std::find(one.tried.begin(), one.tried.end(), proxy) == one.tried.end()) one.tried.push_back(proxy);
    if (proxies_.pool().faulted(proxy, judged.of_proxy, proxy_set::asked_by(one), one.sent, now_)) {
        detail::add(figures.lockouts, 1);
    }
}

bool fetch_run::may_switch(const job& one) noexcept {
    return orders_ == mailbox::none && one.switches < options_.proxying.switches
           && proxies_.pool().has_other(one.host->origin, one.tried, now_);
}

void fetch_run::switch_proxy(job& one, const failure& why) {
    ++one.switches;
    sleep(one, now_, why);
}

void fetch_run::end_without_proxies() noexcept {
    run_.no_usable_proxy(detail::affordable_text([&] {
        const proxy_pool::choice none = proxies_.pool().first_to_return();
        return "no usable proxy: all " + std::to_string(proxies_.size()) + " are locked out, "
               + show_until(none.until, now_) + " (" + proxies_.at(none.proxy).shown() + ")";
    }));
}

}  // namespace penstock::fetch_stage
