#include "watch.hpp"

#include <algorithm>
#include <exception>

#include "log.hpp"
#include "penstock/detail/affordable_text.hpp"
#include "penstock/detail/snapshot_of.hpp"

namespace penstock {

using namespace std::chrono_literals;

namespace {

/// A callable that has not returned for this long after the run was cut short is named in the metrics and the log.
constexpr auto patience = 1s;

/// The worker that is alone is relieved if it does not get through a parallel row for this long, or up to twice that.
constexpr auto relief_interval = 50ms;

}  // namespace

void watch::ended() noexcept {
    const std::lock_guard lock(mutex_);
    ++ended_;
    bell_.notify_one();  // Under the lock: the watch may be gone once it is released.
}

void watch::wake() noexcept {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    bell_.notify_one();
}

void watch::until_ended(unsigned threads) noexcept {
    next_progress_ = clock::now() + state_.options().progress_every;
    std::unique_lock lock(mutex_);
    while (ended_ < threads) {
        lock.unlock();
        const auto now = clock::now();
        if (state_.ending().stop_requested() && !draining_) begin_drain(now);
        if (!cut_ && (state_.abandoned() || (draining_ && now >= drain_end_))) cut_short();
        if (cut_ && now >= next_naming_) name_the_stuck(now);
        if (progress_wanted() && now >= next_progress_) show_progress(now);
        if (flow_.may_need_relief() && now >= next_relief_) {
            next_relief_ = now + relief_interval;
            flow_.relieve();
        }
        lock.lock();

        auto due = now + 1h;
        if (draining_ && !cut_) due = std::min(due, drain_end_);
        if (cut_) due = std::min(due, next_naming_);
        if (progress_wanted()) due = std::min(due, next_progress_);
        if (flow_.may_need_relief()) due = std::min(due, next_relief_);
        bell_.wait_until(lock, due, [&] { return ended_ >= threads || woken_; });
        woken_ = false;
    }
}

void watch::begin_drain(clock::time_point now) noexcept {
    draining_ = true;
    drain_end_ = now + state_.options().drain_timeout;
    if (state_.ledger() != nullptr) state_.ledger()->stop_looking();
    if (plan_.feed) plan_.feed->stop();
}

void watch::cut_short() noexcept {
    cut_ = true;
    state_.abandon();
    if (plan_.feed) plan_.feed->abandon();
    plan_.sink->abandon();
    next_naming_ = clock::now();
}

void watch::name_the_stuck(clock::time_point now) noexcept {
    next_naming_ = now + patience / 4;
    try {
        std::string names = state_.doing().stuck(now, patience);
        if (names == named_) return;
        state_.name_stuck(names);
        if (!names.empty()) log_warning("the run is cut short but waits for callables that do not return: " + names);
        named_ = std::move(names);
    } catch (...) {  // No memory for their names: perhaps at the next look.
    }
}

void watch::show_progress(clock::time_point now) noexcept {
    next_progress_ = now + state_.options().progress_every;
    const auto failed = [this](const char* why) {
        progress_failed_ = true;
        log_warning(detail::affordable_text(
            [&] { return std::string("the progress callback threw and is not called again: ") + why; }));
    };
    try {
        state_.options().progress(snapshot_of(state_.metrics()));
    } catch (const std::exception& error) {
        failed(error.what());
    } catch (...) {
        failed("what it threw is no std::exception");
    }
}

}  // namespace penstock
