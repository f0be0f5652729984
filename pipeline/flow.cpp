#include "flow.hpp"

#include <tbb/info.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "penstock/detail/affordable_text.hpp"
#include "penstock/detail/guarded.hpp"

namespace penstock {

using namespace std::chrono_literals;
using detail::slot;
using detail::slot_chain;

namespace {

/// Enough to spread the cost of a token thin; more gains nothing that can be measured.
constexpr std::size_t largest_group = 64;

/// How much work a group may be.
constexpr auto group_time = 1ms;

/// How long the input filter may hold its worker while nothing is ready. Without an end to its wait, a token that TBB
/// has parked with this very worker would wait as long.
constexpr auto longest_wait = 20ms;

slot_chain chain_of(slot* first) {
    slot_chain chain;
    while (first != nullptr) {
        slot* const next = first->next;
        chain.push_back(*first);
        first = next;
    }
    return chain;
}

/// TBB puts what its threads do in order, but a race detector does not see it do so. The atomics here and in `slot` and
/// `row` restate that order, where TBB promises it and nowhere else; on x86 they cost next to nothing.
class tbb_order {
public:
    tbb_order(const std::atomic<bool>& began, std::atomic<std::uint64_t>& ended) : ended_(ended) {
        (void)began.load(std::memory_order_acquire);
    }
    ~tbb_order() { ended_.fetch_add(1, std::memory_order_release); }
    tbb_order(const tbb_order&) = delete;
    tbb_order& operator=(const tbb_order&) = delete;

private:
    std::atomic<std::uint64_t>& ended_;
};

std::uint64_t nanoseconds_since(std::chrono::steady_clock::time_point began) {
    return static_cast<std::uint64_t>((std::chrono::steady_clock::now() - began).count());
}

}  // namespace

unsigned possible_workers(unsigned max_workers) {
    // An arena that asks for more gets no more, and TBB says so on the host's standard error.
    return std::min(max_workers, static_cast<unsigned>(std::max(tbb::info::default_concurrency(), 1)));
}

flow::flow(detail::blueprint& plan, run_state& state, activity& doing) : plan_(plan), state_(state), doing_(doing) {
    const auto row_of = [this](mode how) -> row& {
        if (rows_.empty() || rows_.back()->how != how || how != mode::parallel) {
            rows_.push_back(std::make_unique<row>());
            rows_.back()->how = how;
        }
        return *rows_.back();
    };
    for (std::size_t i = 0; i < plan_.stages.size(); ++i) row_of(plan_.stages[i]->mode()).stages.push_back(i);
    row_of(plan_.sink->mode()).ends_in_sink = true;
}

void flow::run() noexcept {
    try {
        run_pipeline();
    } catch (const std::exception& error) {
        // Only TBB itself can get here, out of memory; the sweep accounts for what it held.
        state_.fail_run(detail::affordable_text([&] { return std::string("TBB gave up: ") + error.what(); }));
    } catch (...) {
        state_.fail_run("TBB gave up");
    }
}

void flow::run_pipeline() {
    const auto filter_mode = [](mode how) {
        switch (how) {
            case mode::parallel: return tbb::filter_mode::parallel;
            case mode::serial: return tbb::filter_mode::serial_out_of_order;
            case mode::in_order: return tbb::filter_mode::serial_in_order;
        }
        return tbb::filter_mode::serial_in_order;
    };
    // The input numbers the tokens, so that in_order means the order in which items became ready.
    tbb::filter<void, slot*> chain =
        tbb::make_filter<void, slot*>(tbb::filter_mode::serial_in_order, [this](tbb::flow_control& control) {
            bool ended = false;
            slot* const group = next_group(ended);
            if (ended) control.stop();
            return group;
        });
    for (std::size_t i = 0; i + 1 < rows_.size(); ++i) {
        row* through = rows_[i].get();
        chain = chain & tbb::make_filter<slot*, slot*>(filter_mode(through->how), [this, through](slot* first) {
                    return work(*through, first).first();
                });
    }
    row* last = rows_.back().get();
    const tbb::filter<void, void> whole =
        chain & tbb::make_filter<slot*, void>(filter_mode(last->how), [this, last](slot* first) {
            (void)work(*last, first);
        });

    tbb::task_arena arena(static_cast<int>(state_.workers()));
    tbb::task_group_context context(tbb::task_group_context::isolated);
    began_.store(true, std::memory_order_release);
    arena.execute([&] { tbb::parallel_pipeline(state_.queue_size(), whole, context); });
    (void)ended_.load(std::memory_order_acquire);
}

slot* flow::next_group(bool& ended) {
    const tbb_order ordered(began_, ended_);
    (void)input_order_.load(std::memory_order_acquire);
    slot* const first = take_group(ended);
    if (first != nullptr) first->publish();
    input_order_.store(true, std::memory_order_release);
    return first;
}

slot* flow::take_group(bool& ended) {
    const auto until = std::chrono::steady_clock::now() + longest_wait;
    for (;;) {
        while (!ready_.empty()) {
            if (slot* const first = cut_group().first()) return first;
        }
        if (state_.all_delivered(delivered_)) {
            ended = true;
            return nullptr;
        }
        if (std::chrono::steady_clock::now() >= until) return nullptr;
        ready_ = state_.ready().wait_until(until);
    }
}

slot_chain flow::cut_group() {
    const std::uint64_t cost = std::max<std::uint64_t>(item_cost_ns_.load(std::memory_order_relaxed), 1);
    const std::size_t affordable = std::max<std::size_t>(std::chrono::nanoseconds(group_time).count() / cost, 1);
    // Less than a quarter of that is not worth a second worker's wake-up.
    const bool worth_sharing = ready_.size() > affordable / 4;
    const std::size_t share = worth_sharing ? (ready_.size() + state_.workers() - 1) / state_.workers() : ready_.size();
    const std::size_t size = std::min({affordable, share, largest_group});

    slot_chain group, dead, left;
    for (std::size_t i = 0; i < size; ++i) {
        slot* const item = ready_.pop_front();
        ++delivered_;
        if (item->has_failed()) {
            dead.push_back(*item);
        } else if (item->holds_value() && !state_.abandoned()) {
            group.push_back(*item);
        } else {
            left.push_back(*item);
        }
    }
    state_.settle(dead, outcome::dead);
    state_.settle(left, outcome::abandoned);
    return group;
}

slot_chain flow::work(row& through, slot* first) {
    if (first == nullptr) return {};
    const tbb_order ordered(began_, ended_);
    first->receive();
    if (through.how != mode::parallel) (void)through.order.load(std::memory_order_acquire);
    slot_chain group = chain_of(first);

    const auto worker = static_cast<unsigned>(tbb::this_task_arena::current_thread_index());
    const std::size_t items = group.size();
    const auto began = std::chrono::steady_clock::now();
    // Isolated, so that a callable that waits for TBB work of its own is not given one of our tokens meanwhile.
    tbb::this_task_arena::isolate([&] { group = pass(through, group, worker); });
    if (through.how == mode::parallel) {
        learn_cost(std::chrono::steady_clock::now() - began, items);
    } else {
        through.order.store(true, std::memory_order_release);
    }
    if (!group.empty()) group.first()->publish();
    return group;
}

void flow::run_inline(slot_chain items) noexcept {
    for (const auto& through : rows_) items = pass(*through, items, 0);
}

slot_chain flow::pass(row& through, slot_chain group, unsigned worker) noexcept {
    for (const std::size_t stage : through.stages) {
        if (group.empty()) break;
        group = apply(stage, group, worker);
    }
    if (through.ends_in_sink) give_to_sink(std::exchange(group, {}), worker);
    return group;
}

void flow::give_to_sink(slot_chain group, unsigned worker) noexcept {
    if (group.empty()) return;
    const auto began = std::chrono::steady_clock::now();
    const place_held inside(doing_, worker, plan_.sink->name());
    auto& figures = state_.metrics().stages.back();
    const bool of_the_sink = state_.metrics().stages.size() > plan_.stages.size();
    if (of_the_sink) detail::add(figures.taken, group.size());
    plan_.sink->take(group);
    if (of_the_sink) detail::add(figures.busy_ns, nanoseconds_since(began));
}

slot_chain flow::apply(std::size_t position, slot_chain group, unsigned worker) noexcept {
    detail::any_stage& stage = *plan_.stages[position];
    auto& figures = state_.metrics().stages[position];
    const auto began = std::chrono::steady_clock::now();
    const std::size_t taken = group.size();
    const place_held inside(doing_, worker, stage.name());

    slot_chain passed, dropped, dead, left;
    while (slot* item = group.pop_front()) {
        if (state_.abandoned()) {
            left.push_back(*item);
            continue;
        }
        switch (detail::apply_guarded(stage, *item, worker)) {
            case detail::verdict::pass: passed.push_back(*item); break;
            case detail::verdict::drop: dropped.push_back(*item); break;
            case detail::verdict::fail: dead.push_back(*item); break;
        }
    }
    detail::add(figures.taken, taken);
    detail::add(figures.passed, passed.size());
    detail::add(figures.dropped, dropped.size());
    detail::add(figures.busy_ns, nanoseconds_since(began));
    state_.settle(dropped, outcome::dropped);
    state_.settle(dead, outcome::dead);
    state_.settle(left, outcome::abandoned);
    return passed;
}

void flow::learn_cost(std::chrono::nanoseconds spent, std::size_t items) noexcept {
    const std::uint64_t now = static_cast<std::uint64_t>(spent.count()) / items;
    const std::uint64_t before = item_cost_ns_.load(std::memory_order_relaxed);
    item_cost_ns_.store((7 * before + now) / 8, std::memory_order_relaxed);
}

}  // namespace penstock
