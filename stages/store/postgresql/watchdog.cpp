#include "watchdog.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <system_error>
#include <utility>

#include "error.hpp"
#include "penstock/errors.hpp"

namespace penstock::detail::postgresql {
watchdog::watchdog(std::chrono::milliseconds answer_timeout)
    : answer_timeout_(answer_timeout), bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (bell_ < 0) throw preflight_failed("store has no descriptor left for its watch on the server");
    try {
        thread_ = own_thread("penstock-watch", [this] { keep_watch(); });
    } catch (const std::system_error& failed) {
        ::close(bell_);
        throw preflight_failed(std::string("store cannot start the thread that watches the server: ") + failed.what());
    }
}

watchdog::~watchdog() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
    release();
    ::close(bell_);
}

void watchdog::guard(int socket) {
    const int wire = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (wire < 0) throw error{.message = "too many open files"};
    release();
    const std::lock_guard lock(mutex_);
    late_.store(false);
    wire_ = wire;
    if (interrupted()) cut();
}

void watchdog::release() noexcept {
    const std::lock_guard lock(mutex_);
    if (const int wire = std::exchange(wire_, -1); wire >= 0) ::close(wire);
}

void watchdog::interrupt() noexcept {
    {
        const std::lock_guard lock(mutex_);
        interrupted_.store(true);
        cut();
    }
    changed_.notify_all();
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto rung = ::write(bell_, &one, sizeof one);  // It can only fail if it has rung already.
}

bool watchdog::pause(std::chrono::nanoseconds time) noexcept {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, time, [this] { return interrupted(); });
}

void watchdog::answer_expected() noexcept {
    deadline_.store((clock::now() + answer_timeout_).time_since_epoch().count());
    if (!asleep_.load()) return;  // The thread looks again at the end of an earlier wait, or before it falls asleep.
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
}

void watchdog::keep_watch() noexcept {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        clock::rep expected = deadline_.load();
        const clock::time_point deadline{clock::duration(expected)};
        if (expected == none) {
            asleep_.store(true);
            if (deadline_.load() == none) changed_.wait(lock);
            asleep_.store(false);
        } else if (clock::now() < deadline) {
            changed_.wait_until(lock, deadline);
        } else if (deadline_.compare_exchange_strong(expected, none)) {
            late_.store(true);
            cut();
        }
    }
}

void watchdog::cut() noexcept {
    if (wire_ >= 0) ::shutdown(wire_, SHUT_RDWR);
}

}  // namespace penstock::detail::postgresql
