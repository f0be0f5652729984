#include "bell.hpp"

namespace penstock {

void bell::poke() noexcept {
    {
        const std::lock_guard lock(mutex_);
        poked_ = true;
    }
    condition_.notify_one();
}

void bell::wake_if_wanted(std::size_t much) noexcept {
    state now = state_.load(std::memory_order_relaxed);
    if (now == napping && left_.fetch_add(much, std::memory_order_relaxed) + much < enough_) return;
    // Whoever takes the state away rings; the others need not.
    if (now == awake || !state_.compare_exchange_strong(now, awake, std::memory_order_seq_cst)) return;
    { const std::lock_guard lock(mutex_); }  // The sleeper has looked before it slept, or it will look after this.
    condition_.notify_one();
}

}  // namespace penstock
