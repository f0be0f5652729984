#include "intake.hpp"

#include <algorithm>

namespace penstock {

using namespace std::chrono_literals;
using detail::slot;
using detail::slot_chain;

namespace {

/// Enough to spread the cost of a hand-over thin; more gains nothing that can be measured.
constexpr std::size_t largest_group = 64;

/// How much work a group may be.
constexpr std::uint64_t group_ns = 1'000'000;

/// So much work that one worker would be behind for too long. It is more than a scheduler's time slice brings together
/// while the worker waits for its core: a second worker has no core then either.
constexpr std::uint64_t much_ns = 5'000'000;

/// So little that a second worker, which costs 0.1 to 0.2 ms to wake up and send to sleep again, is not worth it.
constexpr std::uint64_t little_ns = 500'000;

}  // namespace

std::uint64_t intake::item_cost() const noexcept {
    return std::max<std::uint64_t>(static_cast<std::uint64_t>(rows_.item_cost().count()), 1);
}

void intake::wait_until(bell::time_point until) noexcept { ready_ = state_.ready().wait_until(until); }

bool intake::is_much() noexcept {
    if (state_.workers() == 1) return false;
    fetch();
    const std::uint64_t work_ns = ready_.size() * item_cost();
    // A short queue never holds much: if half of it is waiting here, one worker does not keep up.
    const bool backlog = ready_.size() > 1 && 2 * ready_.size() >= state_.queue_size();
    return work_ns > (backlog ? little_ns : much_ns);
}

slot_chain intake::cut(unsigned workers) noexcept {
    const std::size_t affordable = std::max<std::size_t>(group_ns / item_cost(), 1);
    // Less than a quarter of that is not worth another worker's wake-up.
    const bool worth_sharing = ready_.size() > affordable / 4;
    const std::size_t share = worth_sharing ? (ready_.size() + workers - 1) / workers : ready_.size();
    const std::size_t size = std::min({affordable, share, largest_group});

    abort_watch* const aborting = state_.aborting();
    slot_chain group, dead, left;
    for (std::size_t i = 0; i < size; ++i) {
        slot* const item = ready_.pop_front();
        ++delivered_;
        const bool judged = item->has_failed() || (item->holds_value() && !state_.abandoned());
        if (judged && aborting != nullptr) aborting->judge(abort_watch::before_stages, *item);
        if (item->has_failed()) {
            dead.push_back(*item);
        } else if (item->holds_value() && !state_.abandoned()) {
            group.push_back(*item);
        } else {
            left.push_back(*item);
        }
    }
    state_.book(dead, outcome::dead, abort_watch::before_stages);
    state_.book(left, outcome::abandoned, abort_watch::before_stages);
    return group;
}

}  // namespace penstock
