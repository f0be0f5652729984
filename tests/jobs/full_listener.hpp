#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace penstock::testing {

/// A port on 127.0.0.1 whose backlog is full: whoever connects waits for an answer that never comes.
class full_listener {
public:
    full_listener() : listener_(open()) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 0) != 0
            || ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            throw std::runtime_error("cannot listen");
        }
        port_ = ntohs(address.sin_port);
        // One more than is taken: the last of these is left waiting as well.
        do {
            waiting_.push_back(open());
            (void)::connect(waiting_.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
        } while (connects(waiting_.back()) && waiting_.size() < 100);
    }
    ~full_listener() {
        for (const int one : waiting_) ::close(one);
        ::close(listener_);
    }
    full_listener(const full_listener&) = delete;
    full_listener& operator=(const full_listener&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

private:
    static int open() {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) throw std::runtime_error("no socket");
        return fd;
    }
    static bool connects(int fd) {
        pollfd one{fd, POLLOUT, 0};
        return ::poll(&one, 1, 100) == 1;
    }

    int listener_;
    std::vector<int> waiting_;
    unsigned port_ = 0;
};

}  // namespace penstock::testing
