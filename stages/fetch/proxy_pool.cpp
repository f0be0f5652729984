#include "proxy_pool.hpp"

#include <algorithm>
#include <utility>

namespace penstock::fetch_stage {

namespace {

/// How many targets a proxy may have failed before those that it is not locked out for are forgotten.
constexpr std::size_t most_targets = 10'000;

bool contains(std::span<const std::uint32_t> all, std::uint32_t one) noexcept {
    return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

proxy_pool::proxy_pool(std::size_t count, rules by, std::uint32_t seed)
    : by_(std::move(by)), proxies_(count), dice_(seed), keys_(count) {
    if (by_.policy != proxy_options::rotation::least_used) return;
    for (std::uint32_t i = 0; i < count; ++i) by_use_.emplace(0, 0, i);
}

/// Changes how much a proxy is used; its place in the order moves without taking memory.
template <class Change>
void proxy_pool::use(std::uint32_t proxy, Change change) noexcept {
    member& one = proxies_[proxy];
    if (by_use_.empty()) return change(one);
    auto place = by_use_.extract(rank(one.under_way, one.sent_in_all, proxy));
    change(one);
    place.value() = rank(one.under_way, one.sent_in_all, proxy);
    by_use_.insert(std::move(place));
}

time_point proxy_pool::locked_until(std::uint32_t proxy, std::string_view target) const noexcept {
    const member& one = proxies_[proxy];
    if (one.targets.empty()) return one.whole.until();
    const auto at = one.targets.find(target);
    return at == one.targets.end() ? one.whole.until() : std::max(one.whole.until(), at->second.until());
}

bool proxy_pool::has_other(std::string_view target, std::span<const std::uint32_t> tried,
                           time_point now) const noexcept {
    for (std::uint32_t i = 0; i < proxies_.size(); ++i) {
        if (!locked(i, target, now) && !contains(tried, i)) return true;
    }
    return false;
}

/// A proxy that comes back would be sent everything under `least_used`, until it had made up for its absence.
void proxy_pool::let_return(time_point now) noexcept {
    any_out_ = false;
    for (std::uint32_t i = 0; i < proxies_.size(); ++i) {
        member& one = proxies_[i];
        if (!one.was_out) continue;
        if (one.whole.locked(now)) {
            any_out_ = true;
            continue;
        }
        one.was_out = false;
        std::uint64_t least = UINT64_MAX;
        for (const member& other : proxies_) {
            if (!other.whole.locked(now) && &other != &one) least = std::min(least, other.sent_in_all);
        }
        if (least != UINT64_MAX) use(i, [=](member& it) { it.sent_in_all = std::max(it.sent_in_all, least); });
    }
}

proxy_pool::choice proxy_pool::choose(const asked& by, time_point now) {
    if (any_out_) let_return(now);
    if (by_.policy == proxy_options::rotation::sticky) {
        const std::uint32_t kept = keys_.find(by.key);
        if (kept != sticky_keys::none) {
            const bool locked_out = locked(kept, by.target, now);
            const bool leave = locked_out || (contains(by.tried, kept) && has_other(by.target, by.tried, now));
            if (!leave) {
                return {has_room(kept, now) ? choice::what::go : choice::what::wait, kept, {}};
            }
            if (locked_out) keys_.leave(by.key, kept, now);
        }
    }
    const bool least_used = by_.policy == proxy_options::rotation::least_used;
    const auto taken = [&](bool tried_too) {
        return least_used ? pick_least_used(by, tried_too, now) : pick(by, tried_too, now);
    };
    choice made = taken(false);
    if (made.is == choice::what::no_way && !by.tried.empty()) made = taken(true);
    if (made.is == choice::what::no_way) return none_left(by, now);
    if (by_.policy == proxy_options::rotation::sticky) keys_.give(by.key, made.proxy, now);
    return made;
}

/// Of two without room the one that is the first to have some.
bool proxy_pool::sooner(std::uint32_t one, std::uint32_t other) const noexcept {
    return std::pair(!is_free(one), next_time(one)) < std::pair(!is_free(other), next_time(other));
}

proxy_pool::choice proxy_pool::pick_least_used(const asked& by, bool tried_too, time_point now) const noexcept {
    choice best{choice::what::no_way, 0, {}};
    for (const auto& [under_way, sent, i] : by_use_) {
        if (locked(i, by.target, now) || (!tried_too && contains(by.tried, i))) continue;
        if (has_room(i, now)) return {choice::what::go, i, {}};
        if (best.is == choice::what::no_way || sooner(i, best.proxy)) best = {choice::what::wait, i, {}};
    }
    return best;
}

proxy_pool::choice proxy_pool::pick(const asked& by, bool tried_too, time_point now) {
    const auto count = static_cast<std::uint32_t>(proxies_.size());
    const auto may = [&](std::uint32_t i) {
        return !locked(i, by.target, now) && (tried_too || !contains(by.tried, i));
    };
    const bool in_turn = by_.policy == proxy_options::rotation::round_robin;
    const bool by_lot = by_.policy == proxy_options::rotation::random;
    const bool is_sticky = by_.policy == proxy_options::rotation::sticky;
    const std::uint32_t from = by_lot ? std::uniform_int_distribution<std::uint32_t>(0, count - 1)(dice_) : next_;
    choice best{choice::what::no_way, 0, {}};
    std::uint32_t seen = 0;  // Candidates so far, for a fair draw among them.
    for (std::uint32_t step = 0; step < count; ++step) {
        const std::uint32_t i = from + step < count ? from + step : from + step - count;
        if (!may(i)) continue;
        const bool room = is_sticky || has_room(i, now);
        if (!room) {
            if (best.is == choice::what::no_way || (best.is == choice::what::wait && sooner(i, best.proxy))) {
                best = {choice::what::wait, i, {}};
            }
            continue;
        }
        ++seen;
        if (best.is != choice::what::go) {
            best = {choice::what::go, i, {}};
            // What follows a gap would get the gap's share as well, so only an unbroken ring is taken at the first.
            if (in_turn || (by_lot && step == 0)) break;
        } else if (by_lot) {
            if (std::uniform_int_distribution<std::uint32_t>(1, seen)(dice_) == 1) best.proxy = i;
        } else {
            best.proxy = better(best.proxy, i, now);
        }
    }
    if (best.is == choice::what::go) {
        if (in_turn) next_ = best.proxy + 1 == count ? 0 : best.proxy + 1;
        if (is_sticky && !has_room(best.proxy, now)) best.is = choice::what::wait;
    }
    return best;
}

/// Which of two proxies gets a new key.
std::uint32_t proxy_pool::better(std::uint32_t one, std::uint32_t other, time_point now) const noexcept {
    const auto rests = [&](std::uint32_t i) { return keys_.was_left(i) && keys_.left(i) + by_.cool_down > now; };
    // One that rests only if all do, and then the one that has rested the longest.
    if (rests(one) != rests(other)) return rests(one) ? other : one;
    if (rests(one) && keys_.left(one) != keys_.left(other)) return keys_.left(one) < keys_.left(other) ? one : other;
    return keys_.count(other) < keys_.count(one) ? other : one;
}

proxy_pool::choice proxy_pool::none_left(const asked& by, time_point now) const noexcept {
    choice none{choice::what::locked_out, 0, lockout::for_ever};
    for (std::uint32_t i = 0; i < proxies_.size(); ++i) {
        if (!proxies_[i].whole.locked(now)) none.is = choice::what::no_way;
        const time_point until = locked_until(i, by.target);
        if (until < none.until) none = {none.is, i, until};
    }
    return none;
}

bool proxy_pool::all_locked_out(time_point now) const noexcept {
    return std::all_of(proxies_.begin(), proxies_.end(), [&](const member& one) { return one.whole.locked(now); });
}

proxy_pool::choice proxy_pool::first_to_return() const noexcept {
    choice first{choice::what::locked_out, 0, lockout::for_ever};
    for (std::uint32_t i = 0; i < proxies_.size(); ++i) {
        if (proxies_[i].whole.until() < first.until) first = {first.is, i, proxies_[i].whole.until()};
    }
    return first;
}

void proxy_pool::begin(std::uint32_t proxy, time_point now) noexcept {
    member& one = proxies_[proxy];
    use(proxy, [](member& it) {
        ++it.under_way;
        ++it.sent_in_all;
    });
    if (by_.each.bounded()) by_.each.send(one.sent, now);
}

void proxy_pool::end(std::uint32_t proxy) noexcept {
    use(proxy, [](member& it) { --it.under_way; });
}

void proxy_pool::answered(std::uint32_t proxy, std::string_view target, time_point began) noexcept {
    member& one = proxies_[proxy];
    if (!one.whole.clear()) one.whole.success(began);
    if (one.targets.empty()) return;
    const auto at = one.targets.find(target);
    if (at == one.targets.end()) return;
    at->second.success(began);
    if (at->second.clear()) one.targets.erase(at);
}

bool proxy_pool::faulted(std::uint32_t proxy, fault_scope scope, const asked& by, time_point began, time_point now) {
    member& one = proxies_[proxy];
    if (by_.policy == proxy_options::rotation::sticky) keys_.leave(by.key, proxy, now);
    if (scope == fault_scope::target) {
        if (one.targets.size() >= most_targets) {
            std::erase_if(one.targets, [&](const auto& of) { return !of.second.locked(now); });
        }
        return one.targets.try_emplace(std::string(by.target)).first->second.fault(began, now, by_.faults);
    }
    if (!one.whole.fault(began, now, by_.faults)) return false;
    one.was_out = any_out_ = true;
    return true;
}

}  // namespace penstock::fetch_stage
