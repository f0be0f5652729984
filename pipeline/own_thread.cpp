#include "penstock/detail/own_thread.hpp"

#include <pthread.h>
#include <signal.h>

#include <utility>

namespace penstock::detail {

namespace {

/// Blocks the signals that come from outside in this thread while it lives, so that a thread started meanwhile is born
/// with them blocked.
class signals_blocked {
public:
    signals_blocked() {
        sigset_t blocked;
        sigfillset(&blocked);
        // What a fault of this very thread raises must reach the host's crash handler.
        for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) sigdelset(&blocked, fault);
        pthread_sigmask(SIG_SETMASK, &blocked, &before_);
    }
    ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;

private:
    sigset_t before_{};
};

}  // namespace

own_thread::own_thread(std::string name, std::function<void()> body) {
    const signals_blocked blocked;
    thread_ = std::thread([name = std::move(name), body = std::move(body)] {
        pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
        body();
    });
}

own_thread& own_thread::operator=(own_thread&& other) noexcept {
    join();
    thread_ = std::move(other.thread_);
    return *this;
}

void own_thread::join() noexcept {
    if (thread_.joinable()) thread_.join();
}

}  // namespace penstock::detail
