#pragma once

#include <curl/curl.h>
#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "unique_fd.hpp"

namespace penstock::fetch_stage {

/// The sockets of all multi handles in one epoll. A socket stays registered while it rests between two transfers:
/// taking it out and in again would cost two system calls a request. One thread.
class socket_set {
public:
    /// Throws `std::system_error`.
    socket_set();

    /// A multi handle (by its number) now wants events of a socket; `what` is a CURL_POLL_ constant.
    void watch(curl_socket_t fd, int what, unsigned multi);

    /// A descriptor of this number was opened or closed by us: what was known of the number is void. While it is
    /// ours, we are told of its end; others (libcurl's resolver has some) are never left registered.
    void opened(curl_socket_t fd);
    void closed(curl_socket_t fd) noexcept;

    /// How many of these are open.
    std::size_t open() const noexcept { return open_; }

    /// A descriptor that is not libcurl's, watched for reading for ever; its events come with `bell` set.
    void watch_bell(int fd);

    struct event {
        curl_socket_t fd = CURL_SOCKET_BAD;
        unsigned multi = 0;
        int bits = 0;  ///< CURL_CSELECT_ constants.
        bool bell = false;
    };
    /// Waits at most so long, for ever if it is negative. The events are good until the next call.
    std::span<const event> wait(std::chrono::milliseconds most) noexcept;

private:
    struct entry {
        std::uint32_t wanted = 0;
        std::uint32_t registered = 0;
        unsigned multi = 0;
        bool ours = false;
    };
    entry& at(curl_socket_t fd);
    void control(int operation, curl_socket_t fd, std::uint32_t events) noexcept;

    unique_fd epoll_;
    int bell_ = -1;
    std::size_t open_ = 0;
    std::vector<entry> entries_;
    std::array<epoll_event, 256> raw_{};
    std::array<event, 256> events_{};
};

}  // namespace penstock::fetch_stage
