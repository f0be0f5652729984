#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace penstock::detail {

/// The bytes of bodies in flight, as far as more than one thread must know of them. The thread that receives bodies
/// charges them; whichever thread lets a page go releases its bytes. What is in flight is the difference.
class byte_account {
public:
    /// Is called by a thread that releases; must not block.
    class waker {
    public:
        virtual void wake() noexcept = 0;

    protected:
        ~waker() = default;
    };

    // By the receiving thread. What it has charged is told before the page is handed on.
    void open(waker& whom) noexcept { waker_ = &whom; }
    /// The end: what was arriving is gone, and pages may still be let go.
    void close(std::uint64_t charged, std::uint64_t peak) noexcept {
        wake_at_.store(never, std::memory_order_seq_cst);
        tell(charged, peak);
    }
    void tell(std::uint64_t charged, std::uint64_t peak) noexcept {
        charged_.store(charged, std::memory_order_relaxed);
        peak_.store(peak, std::memory_order_relaxed);
    }
    std::uint64_t released() const noexcept { return released_.load(std::memory_order_seq_cst); }
    /// Asks to be woken once so much is released in all. The caller looks at `released` once more before it sleeps.
    void wake_at(std::uint64_t released) noexcept {
        if (wake_at_.load(std::memory_order_relaxed) != released) wake_at_.store(released, std::memory_order_seq_cst);
    }
    static constexpr std::uint64_t never = UINT64_MAX;

    /// Any thread.
    void release(std::size_t bytes) noexcept {
        // A full barrier: either this sees that somebody waits, or who begins to wait sees what was released.
        const std::uint64_t now = released_.fetch_add(bytes, std::memory_order_seq_cst) + bytes;
        std::uint64_t wanted = wake_at_.load(std::memory_order_seq_cst);
        if (now >= wanted && wake_at_.compare_exchange_strong(wanted, never, std::memory_order_seq_cst)) {
            waker_->wake();
        }
    }

    std::uint64_t in_flight() const noexcept {
        const std::uint64_t gone = released_.load(std::memory_order_acquire);  // First, so that it is not the larger.
        return charged_.load(std::memory_order_relaxed) - gone;
    }
    std::uint64_t peak() const noexcept { return peak_.load(std::memory_order_relaxed); }

private:
    alignas(128) std::atomic<std::uint64_t> charged_{0};
    std::atomic<std::uint64_t> peak_{0};
    alignas(128) std::atomic<std::uint64_t> released_{0};
    std::atomic<std::uint64_t> wake_at_{never};
    waker* waker_ = nullptr;
};

}  // namespace penstock::detail
