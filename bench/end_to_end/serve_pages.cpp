// A server that costs little, so that what is left is the client: one thread, one epoll, all answers ready in memory.
//
//   serve_pages PAGES DELAY_MS
//
// Prints its port, which the system chose, and serves /item/0.json to /item/<PAGES - 1>.json on 127.0.0.1 until it is
// ended. Each answer is sent DELAY_MS after its request was read. Speaks just enough HTTP/1.1 for the contenders: GET,
// kept connections, no bodies in requests.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "workload.hpp"

namespace {

using bench_job::give_up;
using timer_clock = std::chrono::steady_clock;

/// All answers, head and body, one behind the other.
class packed_answers {
public:
    explicit packed_answers(std::int64_t pages) {
        begins_.push_back(0);
        for (std::int64_t page = 0; page < pages; ++page) {
            const std::string body = bench_job::page_of(page);
            bytes_ += "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                      + std::to_string(body.size()) + "\r\n\r\n" + body;
            begins_.push_back(bytes_.size());
        }
    }
    /// The answer to a request, given its first line.
    std::string_view to(std::string_view request_line) const {
        constexpr std::string_view front = "GET /item/";
        std::size_t page = begins_.size();
        if (request_line.starts_with(front)) {
            std::from_chars(request_line.data() + front.size(), request_line.data() + request_line.size(), page);
        }
        if (page + 1 >= begins_.size()) return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
        return std::string_view(bytes_).substr(begins_[page], begins_[page + 1] - begins_[page]);
    }

private:
    std::string bytes_;
    std::vector<std::size_t> begins_;
};

struct connection {
    unsigned generation = 0;  // Counts the connections that had this descriptor.
    std::string received;     // The beginning of a request that is not whole yet.
    std::string_view unsent;  // The end of an answer that did not fit into the socket.
    bool waits_for_room = false;
};

struct pending {
    timer_clock::time_point due;
    int descriptor;
    unsigned generation;
    std::string_view answer;
};

class page_server {
public:
    page_server(std::int64_t pages, std::chrono::milliseconds delay) : answers_(pages), delay_(delay) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const plain = reinterpret_cast<sockaddr*>(&address);
        if (listener_ < 0 || bind(listener_, plain, size) != 0 || listen(listener_, 4096) != 0
            || getsockname(listener_, plain, &size) != 0) {
            give_up("serve_pages: cannot listen on 127.0.0.1");
        }
        watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
        std::printf("%d\n", ntohs(address.sin_port));
        std::fflush(stdout);
    }

    [[noreturn]] void serve() {
        std::array<epoll_event, 512> events{};
        for (;;) {
            const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_milliseconds());
            for (int i = 0; i < ready; ++i) {
                const epoll_event& event = events[static_cast<std::size_t>(i)];
                if (event.data.fd == listener_) {
                    accept_all();
                } else {
                    if ((event.events & EPOLLOUT) != 0) send_rest(event.data.fd);
                    if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive(event.data.fd);
                }
            }
            answer_due();
        }
    }

private:
    connection& at(int descriptor) { return connections_[static_cast<std::size_t>(descriptor)]; }

    void watch(int what, int descriptor, std::uint32_t events) {
        epoll_event event{};
        event.events = events;
        event.data.fd = descriptor;
        epoll_ctl(epoll_, what, descriptor, &event);
    }

    int wait_milliseconds() const {
        if (queue_.empty()) return -1;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(queue_.front().due - timer_clock::now());
        return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
    }

    void accept_all() {
        for (;;) {
            const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (descriptor < 0) return;
            const int on = 1;
            setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            if (static_cast<std::size_t>(descriptor) >= connections_.size()) {
                connections_.resize(static_cast<std::size_t>(descriptor) + 1024);
            }
            watch(EPOLL_CTL_ADD, descriptor, EPOLLIN);
        }
    }

    void hang_up(int descriptor) {
        close(descriptor);
        connection& gone = at(descriptor);
        ++gone.generation;
        gone.received.clear();
        gone.unsent = {};
    }

    void receive(int descriptor) {
        std::array<char, 4096> room;
        const ssize_t size = recv(descriptor, room.data(), room.size(), 0);
        if (size <= 0) {
            if (size == 0 || errno != EAGAIN) hang_up(descriptor);
            return;
        }
        connection& from = at(descriptor);
        std::string_view text(room.data(), static_cast<std::size_t>(size));
        // Nearly always a request comes whole and alone; then nothing is copied.
        if (!from.received.empty()) text = from.received.append(text);
        for (;;) {
            const std::size_t end = text.find("\r\n\r\n");
            if (end == std::string_view::npos) break;
            const std::string_view answer = answers_.to(text.substr(0, text.find('\r')));
            text.remove_prefix(end + 4);
            if (delay_.count() != 0) {
                queue_.push_back({timer_clock::now() + delay_, descriptor, from.generation, answer});
            } else if (!send_answer(descriptor, answer)) {
                return;
            }
        }
        if (text.empty()) {
            from.received.clear();
        } else {
            from.received = std::string(text);
        }
    }

    void answer_due() {
        if (queue_.empty()) return;
        // The delay is the same for all, so they are due in their order.
        const auto now = timer_clock::now();
        while (!queue_.empty() && queue_.front().due <= now) {
            const pending next = queue_.front();
            queue_.pop_front();
            if (at(next.descriptor).generation == next.generation) send_answer(next.descriptor, next.answer);
        }
    }

    /// False if the connection is no more.
    bool send_answer(int descriptor, std::string_view answer) {
        connection& to = at(descriptor);
        if (!to.unsent.empty()) {  // A client that asks again before it has read: none of the contenders does.
            hang_up(descriptor);
            return false;
        }
        to.unsent = answer;
        return send_rest(descriptor);
    }

    bool send_rest(int descriptor) {
        connection& to = at(descriptor);
        const bool was_waiting = std::exchange(to.waits_for_room, false);
        const ssize_t size = send(descriptor, to.unsent.data(), to.unsent.size(), MSG_NOSIGNAL);
        if (size < 0 && errno != EAGAIN) {
            hang_up(descriptor);
            return false;
        }
        to.unsent.remove_prefix(size < 0 ? 0 : static_cast<std::size_t>(size));
        to.waits_for_room = !to.unsent.empty();
        if (to.waits_for_room != was_waiting) {
            watch(EPOLL_CTL_MOD, descriptor, to.waits_for_room ? EPOLLIN | EPOLLOUT : EPOLLIN);
        }
        return true;
    }

    packed_answers answers_;
    std::chrono::milliseconds delay_;
    int epoll_ = epoll_create1(EPOLL_CLOEXEC);
    int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    std::vector<connection> connections_;
    std::deque<pending> queue_;
};

}  // namespace

int main(int count, char** words) {
    const std::int64_t pages = count == 3 ? std::atoll(words[1]) : 0;
    if (pages < 1) give_up("usage: serve_pages PAGES DELAY_MS");
    std::signal(SIGPIPE, SIG_IGN);
    page_server(pages, std::chrono::milliseconds(std::atoi(words[2]))).serve();
}
