#include "schedule.hpp"

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
    const std::string_view key = host->origin;
    return *(last_found_ = hosts_.emplace(key, std::move(host)).first->second.get());
}

void schedule::forget_if_idle(host_queue& host) noexcept {
    if (host.jobs != 0 || host.under_way != 0 || !host.idle.empty()) return;
    if (last_found_ == &host) last_found_ = nullptr;
    hosts_.erase(hosts_.find(std::string_view(host.origin)));
}

void schedule::update(host_queue& host) noexcept {
    const bool ready = !host.waiting.empty() && host.under_way < (host.name_known ? most_.per_host : 1);
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
    update(*host);
    return one;
}

void schedule::ended(host_queue& host) noexcept {
    --under_way_;
    if (--host.under_way == 0 && !host.name_known) --resolving_;
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
