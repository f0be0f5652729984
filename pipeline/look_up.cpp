#include "look_up.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>

#include "admit.hpp"
#include "penstock/detail/affordable_text.hpp"

namespace penstock {

using namespace std::chrono_literals;
using detail::slot;
using detail::slot_chain;

namespace {

/// Enough that a round trip to a server costs little for each; the answer to more would only be longer in coming.
constexpr std::size_t largest_group = 1000;

/// How long items may wait for more of their kind.
constexpr auto nap = 1ms;

}  // namespace

look_up::look_up(detail::blueprint& plan, run_state& state)
    : plan_(plan),
      state_(state),
      waiting_(std::clamp<std::size_t>(state.options().queue_size / 4, 1, largest_group), nap) {
    group_.reserve(std::min(largest_group, state.options().queue_size));
}

void look_up::close() noexcept {
    closed_.store(true, std::memory_order_release);
    waiting_.poke();
}

void look_up::run() noexcept {
    slot_chain left;
    for (;;) {
        if (left.empty()) {
            const bool last = closed_.load(std::memory_order_acquire);
            left = last ? waiting_.take_all() : waiting_.wait_until(std::chrono::steady_clock::now() + 1s);
            if (left.empty() && last) return;
        }
        group_.clear();
        while (group_.size() < group_.capacity() && !left.empty()) group_.push_back(left.pop_front());
        if (!group_.empty()) settle_or_send();
    }
}

void look_up::settle_or_send() noexcept {
    bool known = false;
    if (!state_.ending().stop_requested()) {
        try {
            settled_.assign(group_.size(), false);
            known = state_.ledger()->look_up(group_, settled_);
        } catch (const std::exception& error) {
            state_.fail_run(detail::affordable_text([&] { return std::string("the ledger: ") + error.what(); }));
        }
    }
    slot_chain skipped, left;
    for (std::size_t at = 0; at < group_.size(); ++at) {
        if (!known)
            left.push_back(*group_[at]);
        else if (settled_[at])
            skipped.push_back(*group_[at]);
        else
            send_on(plan_, state_, *group_[at]);
    }
    state_.turn_away(skipped, outcome::skipped);
    state_.turn_away(left, outcome::abandoned);
}

}  // namespace penstock
