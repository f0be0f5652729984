#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "penstock/detail/own_thread.hpp"

namespace penstock::detail::postgresql {

/// Bounds every wait for a server: cuts the link once an answer is late, and when it is interrupted. Outlives the links
/// of a connection, which come one after the other.
///
/// Neither libpq nor the kernel gives up on a server that acknowledges what it is sent and says nothing; what is
/// blocked in libpq comes back when the socket is shut down. A thread of its own, "penstock-watch", does that. It
/// sleeps unless an answer is late, and an answer that comes in time costs two stores.
class watchdog {
public:
    /// Throws `preflight_failed` if the thread cannot be started or there is no descriptor left.
    explicit watchdog(std::chrono::milliseconds answer_timeout);
    ~watchdog();
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;

    /// Looks after this socket from now on. Throws `error` if there is no descriptor left.
    void guard(int socket);
    /// Looks after none any more.
    void release() noexcept;

    /// A wait for the server, from its making to its end. One at a time.
    class wait {
    public:
        explicit wait(watchdog& by) noexcept : by_(by) { by_.answer_expected(); }
        ~wait() { by_.deadline_.store(none); }
        wait(const wait&) = delete;
        wait& operator=(const wait&) = delete;

    private:
        watchdog& by_;
    };

    /// True if the link was cut because an answer was late.
    bool was_late() const noexcept { return late_.load(); }
    std::chrono::milliseconds answer_timeout() const noexcept { return answer_timeout_; }

    /// Cuts the link, this one and all that follow, and ends all pauses. May be called from any thread.
    void interrupt() noexcept;
    bool interrupted() const noexcept { return interrupted_.load(); }

    /// Waits this long; false as soon as it is interrupted.
    bool pause(std::chrono::nanoseconds time) noexcept;

    /// A descriptor that can be read from once it is interrupted.
    int bell() const noexcept { return bell_; }

private:
    using clock = std::chrono::steady_clock;
    static constexpr clock::rep none = INT64_MAX;

    void answer_expected() noexcept;
    void keep_watch() noexcept;
    void cut() noexcept;

    const std::chrono::milliseconds answer_timeout_;
    std::atomic<clock::rep> deadline_{none};
    std::atomic<bool> late_{false}, interrupted_{false};
    std::atomic<bool> asleep_{false};  ///< The thread wants to be told of the next wait.
    int bell_;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    /// A second descriptor of the link's socket, so that nobody closes it while it is being shut down.
    int wire_ = -1;

    own_thread thread_;
};

}  // namespace penstock::detail::postgresql
