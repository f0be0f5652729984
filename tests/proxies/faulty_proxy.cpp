#include "faulty_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "socket_text.hpp"

namespace penstock::testing {

namespace {

constexpr std::size_t most_kept = 4096;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// Reads a head and what came behind it.
bool read_head(int fd, std::string& head, std::string& rest) {
    std::string all = std::move(rest);
    std::size_t end = all.find("\r\n\r\n");
    while (end == std::string::npos) {
        if (!read_more(fd, all)) return false;
        end = all.find("\r\n\r\n");
    }
    head = all.substr(0, end + 4);
    rest = all.substr(end + 4);
    return true;
}

std::string field(const std::string& head, std::string_view name) {
    const std::size_t at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return {};
    const std::size_t from = at + name.size() + 4;
    return head.substr(from, head.find("\r\n", from) - from);
}

std::string decode_basic(std::string_view text) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (!text.starts_with("Basic ")) return {};
    std::string plain;
    unsigned bits = 0;
    int count = 0;
    for (const char c : text.substr(6)) {
        const std::size_t value = digits.find(c);
        if (value == std::string_view::npos) break;
        bits = bits << 6 | static_cast<unsigned>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        plain += static_cast<char>(bits >> count & 0xff);
    }
    return plain;
}

const std::string page = "<html>Please log in to the network.</html>";

std::string answer(std::string_view status, const std::string& body, std::string_view more = {}) {
    return "HTTP/1.1 " + std::string(status) + "\r\nContent-Type: text/html\r\n" + std::string(more)
           + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

faulty_proxy::faulty_proxy(manner how) : how_(how), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 1024) != 0
        || ::getsockname(listener_, generic, &size) != 0) {
        throw std::runtime_error("faulty_proxy: no port");
    }
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { accept_all(); });
}

faulty_proxy::~faulty_proxy() {
    std::vector<std::thread> threads;
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
        ::shutdown(listener_, SHUT_RDWR);
        for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    accepting_.join();
    for (std::thread& one : threads_) one.join();
    ::close(listener_);
}

std::string faulty_proxy::url(std::string_view scheme, std::string_view login) const {
    return std::string(scheme) + "://" + std::string(login) + (login.empty() ? "" : "@")
           + "127.0.0.1:" + std::to_string(port_);
}

std::vector<faulty_proxy::tunnel> faulty_proxy::tunnels() const {
    const std::lock_guard lock(mutex_);
    return tunnels_;
}

int faulty_proxy::keep(int fd) {
    const std::lock_guard lock(mutex_);
    open_.push_back(fd);
    if (over_) ::shutdown(fd, SHUT_RDWR);
    return fd;
}

void faulty_proxy::drop(int fd) {
    const std::lock_guard lock(mutex_);
    open_.erase(std::find(open_.begin(), open_.end(), fd));
    ::close(fd);
}

std::size_t faulty_proxy::note(tunnel one) {
    const std::lock_guard lock(mutex_);
    tunnels_.push_back(std::move(one));
    return tunnels_.size() - 1;
}

void faulty_proxy::accept_all() {
    while (true) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ++accepted_;
        keep(fd);
        threads_.emplace_back([this, fd] {
            serve(fd);
            drop(fd);
        });
    }
}

void faulty_proxy::serve(int fd) {
    char first = 0;
    if (::recv(fd, &first, 1, MSG_PEEK) != 1) return;
    if (how_ == manner::silent) {
        std::string ignored;
        while (read_more(fd, ignored)) ignored.clear();
    } else if (first == 5) {
        serve_socks(fd);
    } else if (first == 4) {
        serve_socks4(fd);
    } else {
        serve_http(fd);
    }
}

void faulty_proxy::serve_http(int fd) {
    std::string head;
    std::string rest;
    while (read_head(fd, head, rest)) {
        const std::string target =
            head.substr(head.find(' ') + 1, head.find(' ', head.find(' ') + 1) - head.find(' ') - 1);
        const std::string user = decode_basic(field(head, "Proxy-Authorization"));
        const bool goes_on =
            head.starts_with("CONNECT ") ? answer_connect(fd, target, user, rest) : forward(fd, head, user);
        if (!goes_on) return;
    }
}

bool faulty_proxy::answer_connect(int fd, const std::string& target, const std::string& user, std::string rest) {
    const std::size_t log = note({user, target, rest, true});
    switch (how_) {
        case manner::refuses_login:
            return send_all(
                fd, answer("407 Proxy Authentication Required", page, "Proxy-Authenticate: Basic realm=\"p\"\r\n"));
        case manner::cuts_connect: send_all(fd, "HTTP/1.1 200 Connec"); return false;
        case manner::refuses: return send_all(fd, answer("503 Service Unavailable", page));
        case manner::html: return send_all(fd, answer("403 Forbidden", page));
        case manner::captive:
            // It takes CONNECT for any other request, and says the same to whatever comes next.
            send_all(fd, answer("200 OK", page));
            while (read_more(fd, rest)) {
                if (!send_all(fd, page)) break;
            }
            return false;
        default: break;
    }
    const int to = connect_to(target);
    if (to < 0) return send_all(fd, answer("502 Bad Gateway", page));
    send_all(fd, "HTTP/1.1 200 Connection established\r\n\r\n");
    send_all(to, rest);
    relay(fd, to, log);
    return false;
}

/// A GET without a tunnel: the answers of the target must say their length.
bool faulty_proxy::forward(int fd, const std::string& head, const std::string& user) {
    const std::size_t from = head.find("://") + 3;
    const std::size_t path = head.find('/', from);
    const std::string target = head.substr(from, path - from);
    note({user, target, head, false});
    if (how_ == manner::refuses_login) {
        return send_all(fd,
                        answer("407 Proxy Authentication Required", page, "Proxy-Authenticate: Basic realm=\"p\"\r\n"));
    }
    if (how_ != manner::good) return send_all(fd, answer("200 OK", page));
    const int to = connect_to(target);
    if (to < 0) return send_all(fd, answer("502 Bad Gateway", page));
    std::string asked = "GET " + head.substr(path);
    std::string answered;
    std::string body;
    bool well = send_all(to, asked) && read_head(to, answered, body);
    if (well) {
        const std::string length = field(answered, "Content-Length");
        well = read_at_least(to, body, length.empty() ? 0 : std::stoul(length)) && send_all(fd, answered + body);
    }
    drop(to);
    return well;
}

int faulty_proxy::connect_to(const std::string& target) {
    const int to = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // Whatever the name is: tests have nothing but this machine.
    const sockaddr_in address = loopback(static_cast<std::uint16_t>(std::stoul(target.substr(target.rfind(':') + 1))));
    if (::connect(to, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return keep(to);
    ::close(to);
    return -1;
}

void faulty_proxy::relay(int fd, int to, std::size_t log) {
    std::array<pollfd, 2> ends = {{{fd, POLLIN, 0}, {to, POLLIN, 0}}};
    bool well = true;
    while (well && ::poll(ends.data(), ends.size(), -1) > 0) {
        for (std::size_t i = 0; i < ends.size() && well; ++i) {
            if (ends[i].revents == 0) continue;
            std::string bytes;
            well = read_more(ends[i].fd, bytes) && send_all(ends[1 - i].fd, bytes);
            if (!well || i != 0) continue;
            const std::lock_guard lock(mutex_);
            std::string& kept = tunnels_[log].received;
            kept.append(bytes, 0, most_kept - std::min(most_kept, kept.size()));
        }
    }
    drop(to);
}

}  // namespace penstock::testing
