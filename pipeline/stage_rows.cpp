#include "stage_rows.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "penstock/detail/guarded.hpp"

namespace penstock {

using namespace std::chrono_literals;
using detail::slot;
using detail::slot_chain;

namespace {

/// What an item is taken to cost until it is known: dear, so that the first ones are not lumped together.
constexpr std::chrono::nanoseconds unknown_cost = 1ms;

/// How much work of a group goes through a row's stages at a time: so little that what one stage makes is still in the
/// processor's cache, and its memory in malloc's, when the next takes it; so much that calling a stage costs nothing.
constexpr std::uint64_t work_at_once_ns = 20'000;

std::chrono::nanoseconds since(std::chrono::steady_clock::time_point began) {
    return std::chrono::steady_clock::now() - began;
}

}  // namespace

stage_rows::stage_rows(detail::blueprint& plan, run_state& state, activity& doing)
    : plan_(plan), state_(state), doing_(doing) {
    const auto row_of = [this](mode how) -> one_row& {
        if (rows_.empty() || rows_.back()->how != mode::parallel || how != mode::parallel) {
            rows_.push_back(std::make_unique<one_row>());
            rows_.back()->how = how;
        }
        return *rows_.back();
    };
    for (std::size_t i = 0; i < plan_.stages.size(); ++i) row_of(plan_.stages[i]->mode()).stages.push_back(i);
    row_of(plan_.sink->mode()).ends_in_sink = true;
}

slot_chain stage_rows::pass(std::size_t position, slot_chain group, unsigned worker) noexcept {
    if (group.empty()) return group;
    one_row& through = *rows_[position];
    const bool serial = through.how != mode::parallel;
    if (serial) (void)through.order.load(std::memory_order_acquire);
    const std::size_t items = group.size();
    const auto began = std::chrono::steady_clock::now();

    const std::size_t at_once = items_at_once(through);
    slot_chain passed;
    while (!group.empty()) {
        slot_chain some = group.size() <= at_once ? std::exchange(group, {}) : group.pop_front(at_once);
        for (const std::size_t stage : through.stages) {
            if (some.empty()) break;
            some = apply(stage, some, worker);
        }
        passed.append(std::move(some));
    }
    if (through.ends_in_sink) give_to_sink(std::exchange(passed, {}), worker);

    learn(through, since(began), items);
    if (serial) through.order.store(true, std::memory_order_release);
    return passed;
}

std::size_t stage_rows::items_at_once(const one_row& of) noexcept {
    if (of.stages.size() < 2) return std::numeric_limits<std::size_t>::max();
    const std::uint64_t cost = of.cost_ns.load(std::memory_order_relaxed);
    return cost == 0 ? 1 : std::max<std::size_t>(work_at_once_ns / cost, 1);
}

void stage_rows::learn(one_row& from, std::chrono::nanoseconds spent, std::size_t items) noexcept {
    const std::uint64_t now = static_cast<std::uint64_t>(spent.count()) / items + 1;
    const std::uint64_t before = from.cost_ns.load(std::memory_order_relaxed);
    // Cut off above: a worker that lost its core for a while says nothing of what an item costs.
    const std::uint64_t believed = before == 0 ? now : (7 * before + std::min(now, 4 * before + 8)) / 8;
    from.cost_ns.store(believed, std::memory_order_relaxed);
}

std::chrono::nanoseconds stage_rows::item_cost() const noexcept {
    std::chrono::nanoseconds sum{0};
    for (const auto& one : rows_) {
        const std::uint64_t cost = one->cost_ns.load(std::memory_order_relaxed);
        sum += cost == 0 ? unknown_cost : std::chrono::nanoseconds(cost);
    }
    return sum;
}

slot_chain stage_rows::apply(std::size_t position, slot_chain group, unsigned worker) noexcept {
    detail::any_stage& stage = *plan_.stages[position];
    auto& figures = state_.metrics().stages[position];
    const auto began = std::chrono::steady_clock::now();
    const std::size_t taken = group.size();
    const place_held inside(doing_, worker, stage.name());
    const std::size_t place = abort_watch::of_stage(position);

    abort_watch* const aborting = state_.aborting();
    slot_chain passed, dropped, dead, left;
    while (slot* item = group.pop_front()) {
        if (state_.abandoned()) {
            left.push_back(*item);
            continue;
        }
        const detail::verdict said = detail::apply_guarded(stage, *item, worker);
        if (aborting != nullptr) aborting->judge(place, *item);
        switch (said) {
            case detail::verdict::pass: passed.push_back(*item); break;
            case detail::verdict::drop: dropped.push_back(*item); break;
            case detail::verdict::fail: dead.push_back(*item); break;
        }
    }
    detail::add(figures.taken, taken);
    detail::add(figures.passed, passed.size());
    detail::add(figures.dropped, dropped.size());
    detail::add(figures.busy_ns, static_cast<std::uint64_t>(since(began).count()));
    state_.book(dropped, outcome::dropped, place);
    state_.book(dead, outcome::dead, place);
    state_.book(left, outcome::abandoned, place);
    return passed;
}

void stage_rows::give_to_sink(slot_chain group, unsigned worker) noexcept {
    if (group.empty()) return;
    const auto began = std::chrono::steady_clock::now();
    const place_held inside(doing_, worker, plan_.sink->name());
    auto& figures = state_.metrics().stages.back();
    const bool of_the_sink = state_.metrics().stages.size() > plan_.stages.size();
    if (of_the_sink) detail::add(figures.taken, group.size());
    plan_.sink->take(group);
    if (of_the_sink) detail::add(figures.busy_ns, static_cast<std::uint64_t>(since(began).count()));
}

}  // namespace penstock
