#pragma once

#include <sys/socket.h>

#include <array>
#include <string>
#include <string_view>

namespace penstock::testing {

/// What is said over a socket that blocks. False once the peer is gone.
inline bool send_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

inline bool read_more(int fd, std::string& to) {
    std::array<char, 16'384> room{};
    const ssize_t got = ::recv(fd, room.data(), room.size(), 0);
    if (got > 0) to.append(room.data(), static_cast<std::size_t>(got));
    return got > 0;
}

inline bool read_at_least(int fd, std::string& to, std::size_t size) {
    while (to.size() < size) {
        if (!read_more(fd, to)) return false;
    }
    return true;
}

}  // namespace penstock::testing
