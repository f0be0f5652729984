#include "flow.hpp"

#include <tbb/info.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "penstock/detail/affordable_text.hpp"
#include "tbb_filters.hpp"

namespace penstock {

using namespace std::chrono_literals;
using detail::slot;
using detail::slot_chain;

namespace {

/// How long the input filter may hold its worker while nothing is ready. Without an end to its wait, a token that TBB
/// has parked with this very worker would wait as long.
constexpr auto longest_wait = 20ms;

/// TBB goes on for so long after there was last much to do: starting it anew has its cost.
constexpr auto calm_time = 10ms;

slot_chain chain_of(slot* first) {
    slot_chain chain;
    while (first != nullptr) {
        slot* const next = first->next;
        chain.push_back(*first);
        first = next;
    }
    return chain;
}

/// True if a worker that is alone can hold up what others could do. In an ordered chain they would wait for it anyway.
bool can_be_relieved(const stage_rows& rows, unsigned workers) {
    bool parallel = false;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows.mode_of(i) == mode::in_order) return false;
        parallel = parallel || rows.mode_of(i) == mode::parallel;
    }
    return parallel && workers > 1;
}

tbb::filter_mode filter_mode_of(mode how) {
    switch (how) {
        case mode::parallel: return tbb::filter_mode::parallel;
        case mode::serial: return tbb::filter_mode::serial_out_of_order;
        case mode::in_order: return tbb::filter_mode::serial_in_order;
    }
    return tbb::filter_mode::serial_in_order;
}

/// TBB puts what its threads do in order, but a race detector does not see it do so. The atomics here, in `slot` and in
/// `stage_rows` restate that order, where TBB promises it and nowhere else; on x86 they cost next to nothing.
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

}  // namespace

unsigned possible_workers(unsigned max_workers) {
    // An arena that asks for more gets no more, and TBB says so on the host's standard error.
    return std::min(max_workers, static_cast<unsigned>(std::max(tbb::info::default_concurrency(), 1)));
}

flow::flow(detail::blueprint& plan, run_state& state, activity& doing)
    : state_(state),
      rows_(plan, state, doing),
      intake_(state, rows_),
      relievable_(can_be_relieved(rows_, state.workers())) {}

void flow::run() noexcept {
    work();
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [this] { return is_finished_; });
    lock.unlock();  // Nobody is sent after this.
    reliefs_.join();
}

void flow::run_inline() noexcept {
    for (intake_.fetch(); !intake_.empty();) {
        slot_chain group = intake_.cut(1);
        for (std::size_t row = 0; row < rows_.size(); ++row) group = rows_.pass(row, group, 0);
    }
}

/// Whoever takes the run on does this, until all is through or another is sent.
void flow::work() noexcept {
    try {
        for (;;) {
            const lone where = lone_now();
            if (where == lone::relieved) {
                run_parallel(state_.workers() - 1);
            } else if (where == lone::back) {
                lone_.store(lone_at(lone::free, begun_), std::memory_order_relaxed);
                if (!pass_alone(std::exchange(given_back_, {}), given_back_for_)) return;
            } else if (intake_.ended()) {
                return finish();
            } else if (intake_.empty()) {
                intake_.wait_until(clock::now() + 1s);
            } else if (intake_.is_much()) {
                run_parallel(state_.workers());
            } else if (!pass_alone(intake_.cut(1), 0)) {
                return;
            }
        }
    } catch (const std::exception& error) {
        // Only TBB itself can get here, out of memory; the sweep accounts for what it held.
        state_.fail_run(detail::affordable_text([&] { return std::string("TBB gave up: ") + error.what(); }));
    } catch (...) {
        state_.fail_run("TBB gave up");
    }
    finish();
}

void flow::finish() noexcept {
    const std::lock_guard lock(mutex_);
    is_finished_ = true;
    finished_.notify_one();
}

/// Takes a group through the rows from this one on. False if another has taken the run on meanwhile.
bool flow::pass_alone(slot_chain group, std::size_t row) noexcept {
    const unsigned worker = state_.workers() - 1;
    for (; row < rows_.size(); ++row) {
        if (!relievable_ || rows_.mode_of(row) != mode::parallel) {
            group = rows_.pass(row, group, worker);
            continue;
        }
        const std::uint64_t begun = ++begun_;
        std::uint64_t expected = lone_at(lone::passing, begun);
        lone_.store(expected, std::memory_order_release);
        group = rows_.pass(row, group, worker);
        if (!lone_.compare_exchange_strong(expected, lone_at(lone::free, begun), std::memory_order_acq_rel)) {
            given_back_ = group;
            given_back_for_ = row + 1;
            lone_.store(lone_at(lone::back, begun), std::memory_order_release);
            state_.ready().poke();
            return false;
        }
    }
    return true;
}

void flow::relieve() noexcept {
    const std::lock_guard lock(mutex_);
    const std::uint64_t seen = std::exchange(seen_, lone_.load(std::memory_order_acquire));
    if (seen != seen_ || seen == sent_for_ || lone_now() != lone::passing || is_finished_) return;
    try {
        const bool sent = reliefs_.send([this, seen] {
            std::uint64_t expected = seen;
            const std::uint64_t relieved = lone_at(lone::relieved, seen >> 2);
            if (lone_.compare_exchange_strong(expected, relieved, std::memory_order_acq_rel)) work();
        });
        if (sent) sent_for_ = seen;
    } catch (const std::exception&) {  // No thread to be had: the others wait after all.
    }
}

void flow::run_parallel(unsigned workers) {
    // The input numbers the tokens, so that in_order means the order in which items became ready.
    tbb::filter<void, slot*> chain =
        tbb::make_filter<void, slot*>(tbb::filter_mode::serial_in_order, input_filter{*this, workers});
    const std::size_t last = rows_.size() - 1;
    for (std::size_t row = 0; row < last; ++row) {
        chain = chain & tbb::make_filter<slot*, slot*>(filter_mode_of(rows_.mode_of(row)), row_filter{*this, row});
    }
    const tbb::filter<void, void> whole =
        chain & tbb::make_filter<slot*, void>(filter_mode_of(rows_.mode_of(last)), last_row_filter{*this, last});

    busy_until_ = clock::now() + calm_time;
    tbb::task_arena arena(static_cast<int>(workers));
    tbb::task_group_context context(tbb::task_group_context::isolated);
    began_.store(true, std::memory_order_release);
    arena.execute([&] { tbb::parallel_pipeline(state_.queue_size(), whole, context); });
    (void)ended_.load(std::memory_order_acquire);
}

/// The input filter: the next group, or null if none came for a while.
slot* flow::next_group(unsigned workers, bool& ended) {
    const tbb_order ordered(began_, ended_);
    (void)input_order_.load(std::memory_order_acquire);
    slot* first = nullptr;
    auto now = clock::now();
    for (const auto until = now + longest_wait; first == nullptr; now = clock::now()) {
        const lone where = lone_now();
        const bool is_much = intake_.is_much();
        if (is_much) busy_until_ = now + calm_time;
        // TBB comes back only when all is through. So it goes on while a group is under way, which may be held up:
        // what comes meanwhile would wait for it. Where all would wait anyway it need not.
        const bool calm = now >= busy_until_ && !(relievable_ && under_way_.load(std::memory_order_relaxed) != 0);
        // While the worker that was alone is held up, this goes on instead of it; else until the work is one worker's.
        ended = where == lone::back || (where == lone::free && (intake_.ended() || calm));
        if (ended || now >= until) break;
        if (intake_.empty()) {
            intake_.wait_until(where == lone::free && now < busy_until_ ? std::min(until, busy_until_) : until);
        } else {
            first = intake_.cut(workers).first();
        }
    }
    if (first != nullptr) {
        under_way_.fetch_add(1, std::memory_order_relaxed);
        first->publish();
    }
    input_order_.store(true, std::memory_order_release);
    return first;
}

slot_chain flow::pass(std::size_t row, slot* first) {
    const tbb_order ordered(began_, ended_);  // Also for a token that carries nothing.
    if (first == nullptr) return {};
    first->receive();
    slot_chain group = chain_of(first);
    const auto worker = static_cast<unsigned>(tbb::this_task_arena::current_thread_index());
    // Isolated, so that a callable that waits for TBB work of its own is not given one of our tokens meanwhile.
    tbb::this_task_arena::isolate([&] { group = rows_.pass(row, group, worker); });
    if (group.empty()) {
        under_way_.fetch_sub(1, std::memory_order_relaxed);
    } else {
        group.first()->publish();
    }
    return group;
}

}  // namespace penstock
