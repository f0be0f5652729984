#include "relay.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace penstock::testing {
namespace {

sockaddr_in local(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

/// Where host and port begin and end in an address.
std::pair<std::size_t, std::size_t> place_of_server(const std::string& url) {
    const std::size_t scheme = url.find("://") + 3;
    const std::size_t end = std::min(url.find('/', scheme), url.size());
    const std::size_t at = url.rfind('@', end);
    return {at == url.npos || at < scheme ? scheme : at + 1, end};
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
    std::uint32_t number = 0;
    std::memcpy(&number, bytes.data() + at, sizeof number);
    return ntohl(number);
}

/// True if an SQL statement begins with this word, whatever its case.
bool begins(std::string_view sql, std::string_view word) {
    return sql.size() >= word.size() && std::equal(word.begin(), word.end(), sql.begin(), [](char a, char b) {
               return a == (b >= 'a' && b <= 'z' ? b - 'a' + 'A' : b);
           });
}

/// What a whole message means; a BEGIN may come together with what follows it.
std::vector<relay::moment> moments_of(std::string_view message, bool from_client) {
    using moment = relay::moment;
    std::vector<moment> moments;
    std::string_view text = message.substr(5);
    if (!from_client) {
        if (message[0] == 'C' && begins(text, "COMMIT")) moments.push_back(moment::commit_answer);
        return moments;
    }
    if (message[0] == 'd') moments.push_back(moment::copy_data);
    if (message[0] != 'Q') return moments;
    if (begins(text, "BEGIN")) {
        moments.push_back(moment::begin);
        text.remove_prefix(std::min(text.find("; "), text.size() - 2) + 2);
    }
    if (begins(text, "COPY")) moments.push_back(moment::copy);
    if (begins(text, "COMMIT")) moments.push_back(moment::commit);
    return moments;
}

}  // namespace

/// A client, its server, and what is on the way between them.
struct relay::link {
    struct way {
        int from = -1;
        std::string read;   ///< Not yet whole messages.
        std::string ready;  ///< To be sent.
        bool over = false;  ///< The sender has closed its end.
        bool late = false;  ///< The first message to come has had its fate: it was frozen.
    };
    ~link() {
        ::close(to_server.from);
        ::close(to_client.from);
    }

    way to_server, to_client;
    bool started = false;     ///< The client's first message has been seen.
    bool one_letter = false;  ///< The server answers a question for encryption with one letter.
    bool encrypted = false;   ///< Nothing can be read along.
    bool frozen = false, cut = false;
};

relay::relay(std::string server_url) : server_url_(std::move(server_url)) {
    const auto [begin, end] = place_of_server(server_url_);
    const std::string server = server_url_.substr(begin, end - begin);
    server_port_ = std::stoi(server.substr(server.find(':') + 1));
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = local(0);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0
        || ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("the relay cannot listen");
    port_ = ntohs(address.sin_port);
    bell_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    thread_ = std::thread([this] { serve(); });
}

relay::~relay() {
    ending_ = true;
    wake();
    thread_.join();
    open_.clear();
    ::close(listener_);
    ::close(bell_);
}

std::string relay::url(std::string server_url) const {
    const auto [begin, end] = place_of_server(server_url);
    return server_url.replace(begin, end - begin, "127.0.0.1:" + std::to_string(port_));
}

void relay::play(script next) {
    const std::lock_guard lock(mutex_);
    script_ = std::move(next);
    before_ = {};
}

void relay::strike(moment when, fate how) {
    play([=](moment now, std::size_t before) { return now == when && before == 0 ? how : fate::pass; });
}

void relay::tell(bool relay::*what) {
    {
        const std::lock_guard lock(mutex_);
        this->*what = true;
    }
    wake();
}

void relay::wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto rung = ::write(bell_, &one, sizeof one);
}

relay::fate relay::ask(moment now) {
    const auto kind = static_cast<std::size_t>(now);
    ++counts_[kind];
    const std::lock_guard lock(mutex_);
    return script_ ? script_(now, before_[kind]++) : fate::pass;
}

void relay::serve() {
    while (!ending_) {
        std::vector<pollfd> waiting{{bell_, POLLIN, 0}, {listener_, POLLIN, 0}};
        for (const auto& one : open_) {
            const auto wants = [](const link::way& in, const link::way& out) {
                constexpr std::size_t most = std::size_t{1} << 20;
                const bool readable = !in.over && in.ready.size() + in.read.size() < most;
                return static_cast<short>((readable ? POLLIN : 0) | (out.ready.empty() ? 0 : POLLOUT));
            };
            // A descriptor below 0 is not looked at.
            waiting.push_back({one->frozen ? -1 : one->to_server.from, wants(one->to_server, one->to_client), 0});
            waiting.push_back({one->frozen ? -1 : one->to_client.from, wants(one->to_client, one->to_server), 0});
        }
        if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
        std::uint64_t rung = 0;
        [[maybe_unused]] const auto heard = ::read(bell_, &rung, sizeof rung);
        {
            const std::lock_guard lock(mutex_);
            if (std::exchange(cut_all_, false)) open_.clear();
            if (std::exchange(freeze_all_, false)) {
                frozen_ = true;
                for (const auto& one : open_) one->frozen = true;
            }
            if (std::exchange(thaw_, false)) {
                frozen_ = false;
                for (const auto& one : open_) one->frozen = false;
            }
        }
        if ((waiting[1].revents & POLLIN) != 0) take_link();
        for (const auto& one : open_) {
            if (!one->frozen) pass(*one);
        }
        std::erase_if(open_, [](const auto& one) { return one->cut; });
    }
}

void relay::take_link() {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) return;
    ++links_;
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = local(server_port_);
    if (refusing_ || ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(client);
        ::close(server);
        return;
    }
    ::fcntl(server, F_SETFL, O_NONBLOCK);
    const int on = 1;
    for (const int end : {client, server}) ::setsockopt(end, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto taken = std::make_unique<link>();
    taken->to_server.from = client;
    taken->to_client.from = server;
    taken->frozen = frozen_;
    open_.push_back(std::move(taken));
}

void relay::pass(link& on) {
    for (const bool from_client : {true, false}) {
        link::way& way = from_client ? on.to_server : on.to_client;
        const int to = from_client ? on.to_client.from : on.to_server.from;
        char part[65536];
        const ssize_t got = ::recv(way.from, part, sizeof part, MSG_DONTWAIT);
        if (got > 0) {
            way.read.append(part, static_cast<std::size_t>(got));
            std::this_thread::sleep_for(delay_.load());
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            way.over = true;
        }
        if (!read_along(on, from_client)) return;
        while (!way.ready.empty()) {
            const ssize_t sent = ::send(to, way.ready.data(), way.ready.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent <= 0) {
                if (sent < 0 && errno != EAGAIN && errno != EINTR) on.cut = true;
                break;
            }
            way.ready.erase(0, static_cast<std::size_t>(sent));
        }
        // Each side hears all that the other has said before it closed.
        if (way.over && way.ready.empty()) on.cut = true;
    }
}

/// Moves whole messages on to what is to be sent. False if one of them met its fate.
bool relay::read_along(link& on, bool from_client) {
    link::way& way = from_client ? on.to_server : on.to_client;
    const auto move_on = [&](std::size_t bytes) {
        way.ready.append(way.read, 0, bytes);
        way.read.erase(0, bytes);
    };
    for (;;) {
        if (on.encrypted) {
            move_on(way.read.size());
            return true;
        }
        std::vector<moment> moments;
        std::size_t bytes = 0;
        if (!from_client && on.one_letter && !way.read.empty()) {
            on.one_letter = false;
            on.encrypted = way.read[0] != 'N';
            move_on(1);
            continue;
        }
        if (from_client && !on.started) {
            if (way.read.size() < 8) return true;
            bytes = number_at(way.read, 0);
            if (way.read.size() < bytes) return true;
            constexpr std::uint32_t version_3 = 3 << 16;
            on.started = number_at(way.read, 4) == version_3;
            on.one_letter = !on.started;
            if (on.started) moments = {moment::startup};
        } else {
            if (way.read.size() < 5) return true;
            bytes = 1 + number_at(way.read, 1);
            if (way.read.size() < bytes) return true;
            const std::string_view message(way.read.data(), bytes);
            moments = moments_of(message, from_client);
        }
        fate how = fate::pass;
        if (!std::exchange(way.late, false)) {
            for (const moment now : moments) {
                if (how == fate::pass) how = ask(now);
            }
        }
        if (how == fate::pass) {
            move_on(bytes);
            continue;
        }
        const int to = from_client ? on.to_client.from : on.to_server.from;
        // What was passed on before it, in the same breath, still arrives. It is little, and its place is free.
        [[maybe_unused]] const auto sent = ::send(to, way.ready.data(), way.ready.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        way.ready.clear();
        (how == fate::cut ? on.cut : on.frozen) = true;
        way.late = on.frozen;
        return false;
    }
}

}  // namespace penstock::testing
