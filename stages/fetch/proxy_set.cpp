#include "proxy_set.hpp"

#include <algorithm>

#include "split_url.hpp"

namespace penstock::fetch_stage {

namespace {

proxy_pool::rules rules_of(const fetch_options& options) {
    const proxy_options& how = options.proxying;
    return {.policy = how.policy,
            .per_proxy = how.connections_per_proxy,
            .each = pace(how.rate_per_proxy, how.burst_per_proxy),
            .faults = {.max_faults = how.max_faults, .ladder = how.lockouts},
            .cool_down = how.cool_down};
}

std::string_view host_of(std::string_view shown) noexcept {
    const std::size_t from = shown.find("://") + 3;
    return shown.substr(from, shown.rfind(':') - from);
}

}  // namespace

proxy_set::proxy_set(const fetch_options& options, detail::proxy_metrics& metrics, std::uint32_t seed,
                     session_book& sessions)
    : addresses_(options.proxies.begin(), options.proxies.end()),
      pool_(options.proxies.size(), rules_of(options), seed),
      sessions_(sessions),
      fresh_sessions_(options.proxying.session == proxy_options::session_kind::fresh),
      tunnel_(options.proxying.tunnel),
      waiting_(options.proxies.size()) {
    if (!any()) return;
    std::vector<std::string> shown;
    for (const proxy_address& one : addresses_) {
        shown.push_back(one.shown());
        resolves_here_ = resolves_here_ || one.resolves_here();
        unknown_.push_back(!is_numeric_host(host_of(one.shown())));
        names_unknown_ += unknown_.back();
    }
    metrics.set_proxies(shown);
    rows_ = metrics.rows();
}

way proxy_set::way_through(std::uint32_t number, std::string_view key, bool& lasts) {
    const proxy_address& proxy = addresses_[number];
    way through;
    through.number = number;
    through.proxy = &proxy;
    through.tunnel = tunnel_;
    lasts = !(proxy.has_sessions() && fresh_sessions_);
    through.exit = way::exit_of(number, !proxy.has_sessions() ? std::string()
                                        : lasts               ? sessions_.of(number, key)
                                                              : sessions_.fresh());
    return through;
}

void proxy_set::renew_session(const way& through, std::string_view key) {
    if (!through.proxy->has_sessions() || fresh_sessions_) return;
    sessions_.renew(through.number, key, through.session());
}

void proxy_set::wait(job& one, std::uint32_t number) noexcept {
    one.waiting = job::waits_for::proxy;
    one.waits_at = number;
    waiting_[number].push_back(one);
    ++waiters_;
}

void proxy_set::withdraw(job& one) noexcept {
    one.waiting = job::waits_for::host;
    waiting_[one.waits_at].erase(one);
    --waiters_;
}

jobs_by_turn proxy_set::call_back(const host_queue& host) noexcept {
    jobs_by_turn all;
    if (waiters_ == 0) return all;
    for (jobs_by_turn& at_one : waiting_) {
        for (job* one = at_one.front(); one != nullptr;) {
            job* const next = jobs_by_turn::behind(*one);
            if (one->host == &host) {
                withdraw(*one);
                all.push_back(*one);
            }
            one = next;
        }
    }
    return all;
}

bool proxy_set::may_go_on(std::uint32_t number, const job& first, time_point now) const noexcept {
    return pool_.has_room(number, now) || pool_.locked(number, first.host_origin(), now);
}

job* proxy_set::take_waiter(time_point now) noexcept {
    if (waiters_ == 0) return nullptr;
    for (std::uint32_t i = 0; i < waiting_.size(); ++i) {
        job* const first = waiting_[i].front();
        if (first == nullptr || !may_go_on(i, *first, now)) continue;
        withdraw(*first);
        return first;
    }
    return nullptr;
}

bool proxy_set::waiter_ready(time_point now) const noexcept {
    if (waiters_ == 0) return false;
    for (std::uint32_t i = 0; i < waiting_.size(); ++i) {
        if (const job* const first = waiting_[i].front(); first != nullptr && may_go_on(i, *first, now)) return true;
    }
    return false;
}

time_point proxy_set::next_time(time_point now) const noexcept {
    time_point first = time_point::max();
    if (waiters_ == 0) return first;
    for (std::uint32_t i = 0; i < waiting_.size(); ++i) {
        if (waiting_[i].empty() || !pool_.is_free(i)) continue;
        // What is due already waits for something else.
        if (const time_point due = pool_.next_time(i); due > now) first = std::min(first, due);
    }
    return first;
}

}  // namespace penstock::fetch_stage
