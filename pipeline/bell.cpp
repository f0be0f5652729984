#include "bell.hpp"

namespace penstock {

void bell::poke() noexcept {
    {
        const std::lock_guard lock(mutex_);
        poked_ = true;
    }
    condition_.notify_one();
}

void bell::nap(std::size_t enough, time_point until) noexcept {
    std::unique_lock lock(mutex_);
    wanting_.store(static_cast<std::ptrdiff_t>(enough), std::memory_order_relaxed);
    // A ring that was for the last nap may take this state away; then a nap that is short anyway lasts to its end.
    state_.store(napping, std::memory_order_seq_cst);
    condition_.wait_until(lock, until, [this] { return poked_ || wanting_.load(std::memory_order_relaxed) <= 0; });
    state_.store(awake, std::memory_order_relaxed);
}

void bell::wake_if_wanted(std::size_t much) noexcept {
    state now = state_.load(std::memory_order_relaxed);
    const auto more = static_cast<std::ptrdiff_t>(much);
    if (now == napping && wanting_.fetch_sub(more, std::memory_order_relaxed) > more) return;
    // Whoever takes the state away rings; the others need not.
    if (now == awake || !state_.compare_exchange_strong(now, awake, std::memory_order_seq_cst)) return;
    { const std::lock_guard lock(mutex_); }  // The sleeper has looked before it slept, or it will look after this.
    condition_.notify_one();
}

}  // namespace penstock
