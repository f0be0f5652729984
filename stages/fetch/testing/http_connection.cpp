#include "http_connection.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>

namespace penstock::testing::detail {

namespace {

using std::chrono::milliseconds;

// After so much in one turn the other connections are served first.
constexpr std::size_t max_turn_bytes = std::size_t{1} << 20;
constexpr std::size_t max_turn_answers = 64;

// Pipelined requests are left in the kernel while so much of them waits here.
constexpr std::size_t max_waiting_bytes = 64 * 1024;

// How long a peer may take to close after us. Closing at once instead would turn our FIN into an
// RST whenever unread input is left.
constexpr milliseconds max_closing_age{1'000};

// How often to look whether the kernel has sent everything before an RST throws the rest away.
constexpr milliseconds unsent_check_every{5};

}  // namespace

http_connection::http_connection(int socket, std::uint64_t ordinal, const http_handler& handler,
                                 http_observations& observations)
    : socket_(socket), ordinal_(ordinal), handler_(handler), observations_(observations) {
    observations_.connection_opened();
}

http_connection::~http_connection() {
    settle();
    ::close(socket_);
    observations_.connection_closed();
}

http_connection::wish http_connection::advance() {
    turn_bytes_ = 0;
    turn_answers_ = 0;
    receive();
    while (!is_broken_) {
        std::optional<wish> waits;
        switch (phase_) {
            case phase::reading: waits = read_request(); break;
            case phase::delaying: waits = wait_for_delay(); break;
            case phase::sending: waits = send_answer(); break;
            case phase::stalled: waits = wait_for_peer(); break;
            case phase::resetting: waits = reset_when_sent(); break;
            case phase::closing: waits = close_when_peer_has(); break;
        }
        if (waits) {
            waits->again = waits->again || (has_input_ && takes_input());
            return *waits;
        }
    }
    return {.over = true};
}

bool http_connection::takes_input() const noexcept {
    return phase_ == phase::reading || phase_ == phase::closing
           || input_.size() - used_input_bytes_ < max_waiting_bytes;
}

void http_connection::receive() {
    // Shared by all connections of the thread, so that an idle one owns no buffer.
    constexpr std::size_t buffer_bytes = 64 * 1024;
    thread_local const std::unique_ptr<char[]> buffer(new char[buffer_bytes]);

    while (has_input_ && !is_broken_ && takes_input() && turn_bytes_ < max_turn_bytes) {
        const auto received = ::recv(socket_, buffer.get(), buffer_bytes, 0);
        if (received > 0) {
            turn_bytes_ += static_cast<std::size_t>(received);
            // What a closing peer still says is of no interest.
            if (phase_ != phase::closing) {
                input_.append(buffer.get(), static_cast<std::size_t>(received));
            }
            if (phase_ == phase::reading) {
                return;
            }
        } else if (received == 0) {
            peer_has_closed_ = true;
            has_input_ = false;
        } else if (errno == EAGAIN) {
            has_input_ = false;
        } else if (errno != EINTR) {
            is_broken_ = true;
        }
    }
}

http_request_parser::progress http_connection::parse() {
    auto unused = std::string_view(input_).substr(used_input_bytes_);
    const auto progress = parser_.advance(unused);
    used_input_bytes_ = input_.size() - unused.size();
    // Not after each of many pipelined requests: that would move the others every time.
    if (unused.empty() || used_input_bytes_ >= max_waiting_bytes) {
        input_.erase(0, used_input_bytes_);
        used_input_bytes_ = 0;
    }
    return progress;
}

std::optional<http_connection::wish> http_connection::read_request() {
    if (turn_answers_ >= max_turn_answers || turn_bytes_ >= max_turn_bytes) {
        return wish{.again = true};
    }
    switch (parse()) {
        case http_request_parser::progress::complete:
            ++turn_answers_;
            answer_request();
            return std::nullopt;
        case http_request_parser::progress::continue_expected:
            begin({{.raw = "HTTP/1.1 100 Continue\r\n\r\n"}, {}}, false);
            return std::nullopt;
        case http_request_parser::progress::unreadable:
            begin({{.status = parser_.refusal(), .close_after = true}, {}}, false);
            return std::nullopt;
        case http_request_parser::progress::incomplete: break;
    }
    if (has_input_) {
        receive();
        return std::nullopt;
    }
    return wish{.over = peer_has_closed_};
}

void http_connection::answer_request() {
    http_request request = parser_.take();
    request.connection = ordinal_;
    request.ordinal = ++requests_;
    observations_.request_arrived(request.target);
    is_answering_ = true;
    const http_answer_terms terms{.head_only = request.method == "HEAD", .close_wanted = !parser_.keeps_alive()};
    http_answer answer(ask_handler(request), terms);
    observations_.remember(std::move(request));
    begin(std::move(answer), true);
}

http_response http_connection::ask_handler(const http_request& request) const {
    http_response failure = status(500);
    try {
        return handler_(request);
    } catch (const std::exception& error) {
        failure.body = error.what();
    } catch (...) {
        failure.body = "the handler threw something that is no std::exception";
    }
    return failure;
}

void http_connection::begin(http_answer answer, bool answers_request) {
    is_answering_ = answers_request;
    answer_ = std::move(answer);
    phase_ = phase::sending;
    if (answer_.delay() > milliseconds::zero()) {
        due_ = clock::now() + answer_.delay();
        phase_ = phase::delaying;
    }
}

std::optional<http_connection::wish> http_connection::wait_for_delay() {
    if (clock::now() < due_) {
        receive();
        return wait_until(due_);
    }
    phase_ = phase::sending;
    return std::nullopt;
}

std::optional<http_connection::wish> http_connection::send_answer() {
    const bool trickles = answer_.trickle_bytes() != 0;
    if (trickles && clock::now() < due_) {
        receive();
        return wait_until(due_);
    }
    while (!answer_.finished()) {
        if (turn_bytes_ >= max_turn_bytes) {
            return wish{.again = true};
        }
        const auto bytes = answer_.next(trickles ? answer_.trickle_bytes() : max_turn_bytes);
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR) {
                continue;
            }
            is_broken_ = errno != EAGAIN;
            return wish{.over = is_broken_};
        }
        answer_.sent(static_cast<std::size_t>(sent));
        turn_bytes_ += static_cast<std::size_t>(sent);
        if (trickles && !answer_.finished() && answer_.trickle_every() > milliseconds::zero()) {
            due_ = clock::now() + answer_.trickle_every();
            return std::nullopt;
        }
    }
    end_answer();
    return std::nullopt;
}

void http_connection::end_answer() {
    switch (answer_.ends_with()) {
        case http_answer::ending::keep:
            settle();
            phase_ = phase::reading;
            break;
        case http_answer::ending::close:
            settle();
            ::shutdown(socket_, SHUT_WR);
            due_ = clock::now() + max_closing_age;
            phase_ = phase::closing;
            break;
        case http_answer::ending::reset:
            settle();
            phase_ = phase::resetting;
            break;
        case http_answer::ending::stall: phase_ = phase::stalled; break;
    }
}

std::optional<http_connection::wish> http_connection::wait_for_peer() {
    receive();
    return wish{.over = peer_has_closed_ || is_broken_};
}

std::optional<http_connection::wish> http_connection::reset_when_sent() {
    int unsent_bytes = 0;
    if (::ioctl(socket_, SIOCOUTQNSD, &unsent_bytes) == 0 && unsent_bytes > 0) {
        return wait_until(clock::now() + unsent_check_every);
    }
    const ::linger reset{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    return wish{.over = true};
}

std::optional<http_connection::wish> http_connection::close_when_peer_has() {
    receive();
    if (peer_has_closed_ || is_broken_ || clock::now() >= due_) {
        return wish{.over = true};
    }
    return wait_until(due_);
}

void http_connection::settle() noexcept {
    if (std::exchange(is_answering_, false)) {
        observations_.request_settled();
    }
}

http_connection::wish http_connection::wait_until(clock::time_point time) const {
    if (peer_has_closed_ || is_broken_) {
        return {.over = true};
    }
    return {.wake_at = time};
}

}  // namespace penstock::testing::detail
