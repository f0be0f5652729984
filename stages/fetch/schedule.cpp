#include "schedule.hpp"

#include <algorithm>
#include <utility>

namespace penstock::fetch_stage {

host_queue* schedule::find(std::string_view origin) noexcept {
    // Neighbours in a source mostly share their origin.
    if (last_found_ != nullptr && last_found_->origin == origin) return last_found_;
    const auto at = hosts_.find(origin);
    return at == hosts_.end() ? nullptr : last_found_ = at->second.get();
}

host_queue& schedule::add(std::string_view origin, bool name_known) {
    auto host = std::make_unique<host_queue>();
    host->origin = origin;
    host->name_known = name_known;
    host->id = next_id_++;
    sleeping_.reserve(hosts_.size() + 1);
    resting_.reserve(hosts_.size() + 1);
    const std::string_view key = host->origin;
    return *(last_found_ = hosts_.emplace(key, std::move(host)).first->second.get());
}

void schedule::forget_if_idle(host_queue& host) noexcept {
    if (host.jobs != 0 || host.under_way != 0 || !host.idle.empty() || host.sleeping_at != 0) return;
    if (const time_point then = whole(host); then > now_) {
        if (host.forgotten_at != 0) return;  // Asked again at the time that it has there.
        host.forgotten = then;
        return resting_.push(host);  // There is room for every origin.
    }
    if (host.forgotten_at != 0) resting_.erase(host);
    if (last_found_ == &host) last_found_ = nullptr;
    hosts_.erase(hosts_.find(std::string_view(host.origin)));
}

/// From when on nothing would tell it from an origin that was never seen.
time_point schedule::whole(const host_queue& host) const noexcept {
    return most_.each.bounded() ? std::max(host.sent, host.retries.whole()) : host.retries.whole();
}

void schedule::update(host_queue& host) noexcept {
    const bool ready =
        !host.waiting.empty() && host.under_way < (host.name_known ? most_.per_host : 1) && host.sleeping_at == 0;
    if (ready == host.ready) return;
    host.ready = ready;
    if (ready) {
        list_of(host).push_back(host);
    } else {
        list_of(host).erase(host);
    }
}

void schedule::wait(job& one) noexcept {
    one.host->waiting.push_back(one);
    update(*one.host);
}

void schedule::withdraw(job& one) noexcept {
    one.host->waiting.erase(one);
    update(*one.host);
}

host_queue* schedule::next_host() const noexcept {
    if (under_way_ >= most_.under_way) return nullptr;
    if (most_.all.bounded() && most_.all.next(sent_) > now_) return nullptr;
    // Unknown names first: they are few at a time, and their waiting is long.
    host_queue* const host = resolving_ < most_.resolving ? unknown_.front() : nullptr;
    return host != nullptr ? host : known_.front();
}

job* schedule::next() noexcept {
    host_queue* const host = next_host();
    if (host == nullptr) return nullptr;
    list_of(*host).erase(*host);
    host->ready = false;
    job* const one = host->waiting.pop_front();
    ++under_way_;
    if (host->under_way++ == 0 && !host->name_known) ++resolving_;
    one->called = now_;
    if (most_.all.bounded()) most_.all.send(sent_, now_);
    if (most_.each.bounded()) {
        most_.each.send(host->sent, now_);
        keep_pace(*host);
    }
    update(*host);
    return one;
}

void schedule::ended(host_queue& host) noexcept {
    --under_way_;
    parked_ += host.pausing;
    if (--host.under_way == 0 && !host.name_known) --resolving_;
    update(host);
}

void schedule::not_sent(job& one) noexcept {
    host_queue& host = *one.host;
    if (most_.all.bounded()) most_.all.give_back(sent_, one.called, now_);
    if (most_.each.bounded()) {
        most_.each.give_back(host.sent, one.called, now_);
        if (host.sleeping_at != 0 && !host.pausing) {
            sleeping_.erase(host);
            keep_pace(host);
        }
    }
    ended(host);
}

void schedule::take_back(job& one) noexcept {
    one.host->waiting.push_front(one);
    not_sent(one);
}

void schedule::set_time(time_point now) noexcept {
    now_ = now;
    while (!sleeping_.empty() && sleeping_.top().wakes <= now) {
        host_queue& host = sleeping_.top();
        sleeping_.erase(host);
        if (std::exchange(host.pausing, false)) parked_ -= host.parked();
        update(host);
        forget_if_idle(host);
    }
    while (!resting_.empty() && resting_.top().forgotten <= now) {
        host_queue& host = resting_.top();
        resting_.erase(host);
        forget_if_idle(host);
    }
}

time_point schedule::next_time() const noexcept {
    const time_point first = sleeping_.empty() ? time_point::max() : sleeping_.top().wakes;
    const bool all_wait = most_.all.bounded() && under_way_ < most_.under_way && !(known_.empty() && unknown_.empty())
                          && most_.all.next(sent_) > now_;
    return all_wait ? std::min(first, most_.all.next(sent_)) : first;
}

void schedule::pause(host_queue& host, time_point until) noexcept {
    if (until <= now_) return;
    if (!std::exchange(host.pausing, true)) parked_ += host.parked();
    sleep(host, until);
}

/// Has it sleep if it has used up its rate.
void schedule::keep_pace(host_queue& host) noexcept {
    if (const time_point next = most_.each.next(host.sent); next > now_) sleep(host, next);
}

void schedule::sleep(host_queue& host, time_point until) noexcept {
    if (host.sleeping_at != 0) {
        if (host.wakes >= until) return;
        sleeping_.erase(host);
    }
    host.wakes = until;
    sleeping_.push(host);  // There is room for every origin.
    update(host);
}

void schedule::name_known(host_queue& host) noexcept {
    if (host.name_known) return;
    if (host.ready) list_of(host).erase(host);
    host.ready = false;
    if (host.under_way != 0) --resolving_;
    host.name_known = true;
    update(host);
}

}  // namespace penstock::fetch_stage
