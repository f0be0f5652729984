#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace penstock::testing {

/// A port on 127.0.0.1 that refuses whoever connects. It is taken as long as this lives, so that nobody else listens
/// there meanwhile.
class dead_port {
public:
    dead_port() : taken_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(taken_, generic, size) != 0 || ::getsockname(taken_, generic, &size) != 0) {
            throw std::runtime_error("dead_port: no port");
        }
        port_ = ntohs(address.sin_port);
    }
    ~dead_port() { ::close(taken_); }
    dead_port(const dead_port&) = delete;
    dead_port& operator=(const dead_port&) = delete;

    /// "scheme://127.0.0.1:PORT", with a login before the host if it is given.
    std::string url(std::string_view scheme = "http", std::string_view login = {}) const {
        return std::string(scheme) + "://" + std::string(login) + (login.empty() ? "" : "@")
               + "127.0.0.1:" + std::to_string(port_);
    }

private:
    const int taken_;
    std::uint16_t port_ = 0;
};

}  // namespace penstock::testing
