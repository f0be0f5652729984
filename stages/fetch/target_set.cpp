#include "target_set.hpp"

#include <utility>

namespace penstock::fetch_stage {

target* target_set::find(std::string_view name) noexcept {
    const auto at = targets_.find(name);
    return at == targets_.end() ? nullptr : at->second.get();
}

target& target_set::find_or_add(std::string_view name) {
    if (target* const known = find(name)) return *known;
    if (targets_.size() >= most) {
        std::erase_if(targets_,
                      [](const auto& entry) { return !entry.second->state.is_open() && entry.second->held.empty(); });
    }
    sleeping_.reserve(targets_.size() + 1);
    auto made = std::make_unique<target>();
    made->name = name;
    return *targets_.emplace(name, std::move(made)).first->second;
}

void target_set::forget_if_clear(target& one) noexcept {
    if (one.state.clear() && one.held.empty()) targets_.erase(targets_.find(std::string_view(one.name)));
}

void target_set::hold(target& at, job& one) noexcept {
    one.waiting = job::waits_for::target;
    at.held.push_back(one);
    ++held_;
    update(at);
}

void target_set::let_go(target& at, job& one) noexcept {
    one.waiting = job::waits_for::host;
    at.held.erase(one);
    --held_;
    update(at);
}

void target_set::update(target& one) noexcept {
    if (one.sleeping_at != 0) sleeping_.erase(one);
    if (one.held.empty() || one.state.probing()) return;
    one.wakes = one.state.is_open() ? one.state.until() : time_point{};
    sleeping_.push(one);  // There is room for every target.
}

job* target_set::take_due(time_point now) noexcept {
    if (sleeping_.empty() || sleeping_.top().wakes > now) return nullptr;
    target& at = sleeping_.top();
    job& one = *at.held.front();
    let_go(at, one);
    if (at.state.is_open() && at.sleeping_at != 0) {
        // It is to be the probe, and tells whether the others may follow; should it not come to that, the next goes.
        sleeping_.erase(at);
        at.wakes = now + std::chrono::milliseconds(100);
        sleeping_.push(at);
    }
    forget_if_clear(at);
    return &one;
}

}  // namespace penstock::fetch_stage
