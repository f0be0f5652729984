#include "socket_set.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

namespace penstock::fetch_stage {

socket_set::socket_set() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_.value() < 0) throw std::system_error(errno, std::generic_category(), "fetch: epoll");
}

socket_set::entry& socket_set::at(curl_socket_t fd) {
    const auto index = static_cast<std::size_t>(fd);
    if (index >= entries_.size()) entries_.resize(std::max(index + 64, 2 * entries_.size()));
    return entries_[index];
}

void socket_set::control(int operation, curl_socket_t fd, std::uint32_t events) noexcept {
    epoll_event wish{};
    wish.events = events;
    wish.data.fd = fd;
    if (::epoll_ctl(epoll_.value(), operation, fd, &wish) == 0) return;
    // A number that was closed and opened behind our back: what it was registered for went with the old one.
    if (errno == ENOENT && operation == EPOLL_CTL_MOD) ::epoll_ctl(epoll_.value(), EPOLL_CTL_ADD, fd, &wish);
    if (errno == EEXIST && operation == EPOLL_CTL_ADD) ::epoll_ctl(epoll_.value(), EPOLL_CTL_MOD, fd, &wish);
}

void socket_set::watch(curl_socket_t fd, int what, unsigned multi) {
    entry& socket = at(fd);
    socket.multi = multi;
    socket.wanted = (what == CURL_POLL_IN || what == CURL_POLL_INOUT ? std::uint32_t{EPOLLIN} : 0U)
                    | (what == CURL_POLL_OUT || what == CURL_POLL_INOUT ? std::uint32_t{EPOLLOUT} : 0U);
    if (socket.wanted == socket.registered) return;
    if (socket.wanted == 0) {
        if (socket.ours) return;
        control(EPOLL_CTL_DEL, fd, 0);
    } else {
        control(socket.registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, socket.wanted);
    }
    socket.registered = socket.wanted;
}

void socket_set::opened(curl_socket_t fd) {
    at(fd) = entry{};
    at(fd).ours = true;
    ++open_;
}

void socket_set::closed(curl_socket_t fd) noexcept {
    if (static_cast<std::size_t>(fd) >= entries_.size()) return;
    entry& socket = entries_[static_cast<std::size_t>(fd)];
    // It leaves by itself only when the last descriptor of it is closed, and a child of the process may have one.
    if (socket.registered != 0) control(EPOLL_CTL_DEL, fd, 0);
    open_ -= socket.ours;
    socket = entry{};
}

void socket_set::watch_bell(int fd) {
    bell_ = fd;
    control(EPOLL_CTL_ADD, fd, EPOLLIN);
}

std::span<const socket_set::event> socket_set::wait(std::chrono::milliseconds most) noexcept {
    const auto patience = std::clamp<std::chrono::milliseconds::rep>(most.count(), -1, std::numeric_limits<int>::max());
    const int count =
        ::epoll_wait(epoll_.value(), raw_.data(), static_cast<int>(raw_.size()), static_cast<int>(patience));
    std::size_t used = 0;
    for (int i = 0; i < count; ++i) {
        const epoll_event& seen = raw_[static_cast<std::size_t>(i)];
        const int fd = seen.data.fd;
        if (fd == bell_) {
            events_[used++] = {.bell = true};
            continue;
        }
        entry& socket = entries_[static_cast<std::size_t>(fd)];
        if (socket.wanted == 0) {
            // A resting connection: its peer has closed it, which libcurl finds out when it wants to use it again.
            control(EPOLL_CTL_DEL, fd, 0);
            socket.registered = 0;
            continue;
        }
        const int bits = ((seen.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0)
                         | ((seen.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0)
                         | ((seen.events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
        events_[used++] = {fd, socket.multi, bits, false};
    }
    return {events_.data(), used};
}

}  // namespace penstock::fetch_stage
