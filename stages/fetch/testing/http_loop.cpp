#include "http_loop.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <limits>
#include <new>
#include <system_error>

namespace penstock::testing::detail {

namespace {

using std::chrono::milliseconds;

// Connections are marked by their ordinal, which starts at 1.
constexpr std::uint64_t listener_mark = 0;
constexpr std::uint64_t stop_mark = std::numeric_limits<std::uint64_t>::max();

// More than a test opens at once; the kernel lowers it to net.core.somaxconn.
constexpr int max_waiting_connections = 4'096;

// How long nobody is accepted after the process ran out of descriptors. The listener stays
// readable meanwhile, so that trying on at once would spin.
constexpr milliseconds accept_pause{10};

[[noreturn]] void fail(const char* call) { throw std::system_error(errno, std::generic_category(), call); }

void watch(int epoll, int watched, std::uint32_t events, std::uint64_t mark) {
    ::epoll_event event{};
    event.events = events;
    event.data.u64 = mark;
    if (::epoll_ctl(epoll, EPOLL_CTL_ADD, watched, &event) != 0) {
        fail("http_server: epoll_ctl");
    }
}

/// While it lives, this thread and those it starts take no signals.
class signals_blocked {
public:
    signals_blocked() {
        ::sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;

private:
    ::sigset_t before_;
};

}  // namespace

http_loop::descriptor::descriptor(int value, const char* call) : value_(value) {
    if (value_ < 0) {
        fail(call);
    }
}

http_loop::descriptor::~descriptor() { ::close(value_); }

http_loop::http_loop(http_handler handler)
    : handler_(std::move(handler)),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "http_server: socket"),
      epoll_(::epoll_create1(EPOLL_CLOEXEC), "http_server: epoll_create1"),
      stop_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "http_server: eventfd") {
    listen();
    watch_listener();
    watch(epoll_, stop_, EPOLLIN, stop_mark);
    const signals_blocked blocked;
    thread_ = std::thread([this] { run(); });
}

http_loop::~http_loop() {
    ::eventfd_write(stop_, 1);
    thread_.join();
}

void http_loop::listen() {
    // Accepted sockets inherit this: an answer in pieces must not wait for the peer's delayed ACK.
    const int on = 1;
    ::setsockopt(listener_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::sockaddr_in address{};
    ::socklen_t address_bytes = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<::sockaddr*>(&address);
    if (::bind(listener_, generic, address_bytes) != 0) {
        fail("http_server: bind");
    }
    if (::listen(listener_, max_waiting_connections) != 0) {
        fail("http_server: listen");
    }
    if (::getsockname(listener_, generic, &address_bytes) != 0) {
        fail("http_server: getsockname");
    }
    port_ = ntohs(address.sin_port);
}

void http_loop::watch_listener() { watch(epoll_, listener_, EPOLLIN, listener_mark); }

void http_loop::run() {
    ::pthread_setname_np(::pthread_self(), "penstock-http");
    bool goes_on = true;
    while (goes_on) {
        try {
            goes_on = turn();
        } catch (const std::exception&) {
            // Out of memory between two connections. Some of them may hang; a test that takes
            // memory away must not die of its server.
        }
    }
}

bool http_loop::turn() {
    std::array<::epoll_event, 256> events;
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), milliseconds_to_wait());
    for (int index = 0; index < count; ++index) {
        const auto& event = events[static_cast<std::size_t>(index)];
        const std::uint64_t mark = event.data.u64;
        if (mark == stop_mark) {
            return false;
        }
        if (mark == listener_mark) {
            accept_all();
            continue;
        }
        const auto found = connections_.find(mark);
        if (found == connections_.end()) {
            continue;
        }
        if ((event.events & (EPOLLIN | EPOLLRDHUP)) != 0) {
            found->second.connection->expect_input();
        }
        if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) {
            found->second.connection->give_up();
        }
        advance(mark);
    }
    advance_due();
    advance_ready();
    return true;
}

void http_loop::accept_all() {
    while (true) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0) {
            if (errno == EAGAIN) {
                return;
            }
            if (errno == EINTR || errno == ECONNABORTED) {
                continue;
            }
            alarms_.emplace(clock::now() + accept_pause, listener_mark);
            ::epoll_ctl(epoll_, EPOLL_CTL_DEL, listener_, nullptr);
            return;
        }
        adopt(socket);
    }
}

void http_loop::adopt(int socket) {
    std::unique_ptr<http_connection> connection;
    try {
        connection = std::make_unique<http_connection>(socket, accepted_ + 1, handler_, observations_);
    } catch (const std::bad_alloc&) {
        ::close(socket);
        return;
    }
    const auto ordinal = ++accepted_;
    connections_.try_emplace(ordinal, served{std::move(connection), {}});
    watch(epoll_, socket, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, ordinal);
}

void http_loop::advance(std::uint64_t ordinal) {
    const auto found = connections_.find(ordinal);
    if (found == connections_.end()) {
        return;
    }
    auto& [connection, alarm_at] = found->second;
    try {
        const auto wish = connection->advance();
        if (!wish.over) {
            if (wish.again) {
                ready_.push_back(ordinal);
            }
            if (wish.wake_at && *wish.wake_at != alarm_at) {
                alarms_.emplace(*wish.wake_at, ordinal);
                alarm_at = *wish.wake_at;
            }
            return;
        }
    } catch (const std::exception&) {
        // Out of memory, in practice: this connection is lost, the server is not.
    }
    connections_.erase(found);
}

void http_loop::advance_due() {
    if (alarms_.empty()) {
        return;
    }
    const auto now = clock::now();
    while (!alarms_.empty() && alarms_.top().first <= now) {
        const auto mark = alarms_.top().second;
        alarms_.pop();
        if (mark == listener_mark) {
            watch_listener();
        } else {
            advance(mark);
        }
    }
}

void http_loop::advance_ready() {
    for (const auto ordinal : std::exchange(ready_, {})) {
        advance(ordinal);
    }
}

int http_loop::milliseconds_to_wait() const {
    if (!ready_.empty()) {
        return 0;
    }
    if (alarms_.empty()) {
        return -1;
    }
    // Rounded up: waking too early would mean to turn round without anything to do.
    const auto wait = std::chrono::ceil<milliseconds>(alarms_.top().first - clock::now());
    constexpr milliseconds::rep longest = std::numeric_limits<int>::max();
    return static_cast<int>(std::clamp<milliseconds::rep>(wait.count(), 0, longest));
}

}  // namespace penstock::testing::detail
