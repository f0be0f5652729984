#include "sticky_keys.hpp"

namespace penstock::fetch_stage {

std::uint32_t sticky_keys::find(std::string_view key) noexcept {
    const auto at = by_key_.find(key);
    if (at == by_key_.end()) return none;
    by_use_.splice(by_use_.begin(), by_use_, at->second.use);
    return at->second.proxy;
}

void sticky_keys::give(std::string_view key, std::uint32_t proxy, time_point now) {
    std::list<std::string_view> use(1);
    const auto [at, is_new] = by_key_.try_emplace(std::string(key), place{proxy, use.begin()});
    if (!is_new) return;
    use.front() = at->first;
    by_use_.splice(by_use_.begin(), use);
    ++held_[proxy].keys;
    if (by_key_.size() > most) release(by_key_.find(by_use_.back()), now);
}

void sticky_keys::leave(std::string_view key, std::uint32_t proxy, time_point now) noexcept {
    const auto at = by_key_.find(key);
    if (at != by_key_.end() && at->second.proxy == proxy) release(at, now);
}

void sticky_keys::release(text_map<place>::iterator at, time_point now) noexcept {
    hold& of = held_[at->second.proxy];
    --of.keys;
    of.was_left = true;
    of.left = now;
    by_use_.erase(at->second.use);
    by_key_.erase(at);
}

}  // namespace penstock::fetch_stage
