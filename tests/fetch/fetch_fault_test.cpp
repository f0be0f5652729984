#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <atomic>

#include "outcome_of.hpp"
#include "unique_fd.hpp"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using penstock::detail::read;

TEST(fetch_fault, H18_a_500_is_tried_again_and_may_turn_good) {
    std::atomic<int> asked{0};
    http_server server([&](const http_request&) { return asked++ < 2 ? status(500) : text("x"); });
    working_fetch work;
    auto& item = work.get(server.url());
    EXPECT_TRUE(has_page(item));
    EXPECT_EQ(item.attempts, 3U);
    EXPECT_EQ(server.requests(), 3U);
}

TEST(fetch_fault, H18_a_500_for_ever_is_dead_after_its_retries) {
    const outcome_of got(status(503));
    EXPECT_EQ(got.item.why().kind, error_kind::bad_status);
    EXPECT_EQ(got.item.failed_in(), "fetch");
    EXPECT_EQ(got.item.attempts, 3U);
    EXPECT_EQ(got.server.requests(), 3U);
    EXPECT_TRUE(contains(got.item.why().reason, "503 from http://127.0.0.1")) << got.item.why().reason;
}

TEST(fetch_fault, H18_other_bad_statuses_are_dead_at_once) {
    for (const int code : {304, 401, 404, 410, 999}) {
        const outcome_of got(status(code));
        EXPECT_EQ(got.item.why().kind, error_kind::bad_status) << code;
        EXPECT_EQ(got.server.requests(), 1U) << code;
    }
}

TEST(fetch_fault, H4_a_head_that_is_cut_is_truncated) {
    for (const std::size_t cut : {17U, 30U}) {
        const outcome_of got({.body = "x", .cut_head_after = cut});
        EXPECT_EQ(got.item.why().kind, error_kind::truncated) << cut << got.item.why().reason;
        EXPECT_EQ(got.server.requests(), 3U);
    }
}

TEST(fetch_fault, H3_a_body_that_is_cut_is_truncated) {
    const outcome_of cut({.body = "0123456789", .cut_body_after = 5});
    EXPECT_EQ(cut.item.why().kind, error_kind::truncated) << cut.item.why().reason;
    const outcome_of chunked({.body = "0123456789", .framing = http_framing::chunked, .cut_body_after = 5});
    EXPECT_EQ(chunked.item.why().kind, error_kind::truncated) << chunked.item.why().reason;
    const outcome_of reset({.body = "0123456789", .cut_body_after = 5, .reset = true});
    EXPECT_EQ(reset.item.why().kind, error_kind::truncated) << reset.item.why().reason;
    EXPECT_EQ(reset.server.requests(), 3U);
}

TEST(fetch_fault, a_connection_closed_without_an_answer_is_tried_again) {
    const outcome_of got({.cut_head_after = 0});
    EXPECT_EQ(got.item.why().kind, error_kind::request) << got.item.why().reason;
    EXPECT_EQ(got.item.attempts, 3U);
}

TEST(fetch_fault, H15_a_kept_connection_that_was_closed_is_no_failure) {
    http_server server([](const http_request&) { return http_response{.body = "x", .reset = true}; });
    working_fetch work;
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(has_page(work.get(server.url())));
}

TEST(fetch_fault, H5_lengths_that_contradict_are_refused) {
    for (const char* head :
         {"Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
          "Content-Length: 99999999999999999999\r\n"}) {
        const outcome_of got(raw(std::string("HTTP/1.1 200 OK\r\n") + head + "\r\nx"));
        ASSERT_TRUE(got.item.has_failed()) << head;
        EXPECT_EQ(got.item.why().kind, error_kind::truncated) << got.item.why().reason;
    }
}

TEST(fetch_fault, what_is_not_http_is_truncated) {
    const outcome_of got(raw("SSH-2.0-x\r\n"));
    EXPECT_EQ(got.item.why().kind, error_kind::truncated) << got.item.why().reason;
}

TEST(fetch_fault, H8_an_endless_body_is_too_large_at_once) {
    fetch_options options = working_fetch::quick();
    options.max_body = 100'000;
    for (const auto framing : {http_framing::chunked, http_framing::close_delimited, http_framing::content_length}) {
        const outcome_of got({.body = std::string(1000, 'x'), .body_repeat = 1'000'000'000, .framing = framing},
                             options);
        EXPECT_EQ(got.item.why().kind, error_kind::too_large) << got.item.why().reason;
        EXPECT_EQ(got.item.attempts, 1U);
        EXPECT_EQ(got.server.requests(), 1U);
    }
}

TEST(fetch_fault, H7_a_gzip_bomb_is_too_large_by_its_decoded_size) {
    const http_response bomb{.headers = {{"Content-Encoding", "gzip"}}, .body = gzip_bomb()};
    EXPECT_TRUE(has_page(outcome_of(bomb).item));
    fetch_options options = working_fetch::quick();
    options.max_body = 10'000;
    const outcome_of got(bomb, options);
    EXPECT_EQ(got.item.why().kind, error_kind::too_large) << got.item.why().reason;
    EXPECT_EQ(got.server.requests(), 1U);
}

TEST(fetch_fault, a_body_of_exactly_the_limit_is_a_page) {
    fetch_options options = working_fetch::quick();
    options.max_body = 1000;
    EXPECT_TRUE(has_page(outcome_of({.body = std::string(1000, 'x')}, options).item));
    EXPECT_TRUE(outcome_of({.body = std::string(1001, 'x')}, options).item.has_failed());
}

TEST(fetch_fault, an_endless_error_page_is_not_awaited) {
    const outcome_of got({.status = 404, .body = std::string(1000, 'x'), .body_repeat = 1'000'000'000});
    EXPECT_EQ(got.item.why().kind, error_kind::bad_status) << got.item.why().reason;
}

TEST(fetch_fault, H9_an_endless_head_is_too_large) {
    fetch_options options = working_fetch::quick();
    options.max_head = 5'000;
    std::string storm;
    for (int i = 0; i < 1000; ++i) storm += "HTTP/1.1 100 Continue\r\n\r\n";
    const outcome_of interim(raw(storm), options);
    EXPECT_EQ(interim.item.why().kind, error_kind::too_large) << interim.item.why().reason;
    const outcome_of line(raw("HTTP/1.1 200 OK\r\nX: " + std::string(120'000, 'x') + "\r\n\r\n"));
    EXPECT_EQ(line.item.why().kind, error_kind::too_large) << line.item.why().reason;
    EXPECT_EQ(line.server.requests(), 1U);
}

TEST(fetch_fault, H1_a_trickle_ends_with_its_timeout) {
    fetch_options options = working_fetch::quick();
    options.timeout = 500ms;
    options.retries = 1;
    const outcome_of got({.body = std::string(10'000, 'x'), .trickle_bytes = 30, .trickle_every = 10ms}, options);
    EXPECT_EQ(got.item.why().kind, error_kind::timeout);
    EXPECT_TRUE(contains(got.item.why().reason, "timeout while receiving the answer")) << got.item.why().reason;
    EXPECT_EQ(got.item.attempts, 2U);
}

TEST(fetch_fault, H2_a_stall_ends_with_its_timeout) {
    fetch_options options = working_fetch::quick();
    options.timeout = 500ms;
    options.retries = 0;
    const outcome_of got({.delay = 60s}, options);
    EXPECT_EQ(got.item.why().kind, error_kind::timeout);
    EXPECT_TRUE(contains(got.item.why().reason, "timeout while waiting for the answer (timeout of "))
        << got.item.why().reason;
}

/// A listener that accepts nobody once there is a crowd in its queue.
class narrow_port {
public:
    narrow_port() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::bind(listener_.value(), reinterpret_cast<sockaddr*>(&address_), size_), 0);
        EXPECT_EQ(::listen(listener_.value(), 0), 0);
        EXPECT_EQ(::getsockname(listener_.value(), reinterpret_cast<sockaddr*>(&address_), &size_), 0);
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) + "/"; }

    /// Waits for a request and answers it, keeps the connection, and closes it with the answer's owner.
    fetch_stage::unique_fd answer() {
        fetch_stage::unique_fd peer(::accept(listener_.value(), nullptr, nullptr));
        char asked[1000];
        EXPECT_GT(::recv(peer.value(), asked, sizeof asked, 0), 0);
        constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
        EXPECT_EQ(::send(peer.value(), answer.data(), answer.size(), MSG_NOSIGNAL), ssize_t{answer.size()});
        return peer;
    }
    void crowd() {
        for (int i = 0; i < 4; ++i) {
            crowd_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
            (void)::connect(crowd_.back().value(), reinterpret_cast<const sockaddr*>(&address_), size_);
        }
    }

private:
    fetch_stage::unique_fd listener_;
    sockaddr_in address_{};
    socklen_t size_ = sizeof address_;
    std::vector<fetch_stage::unique_fd> crowd_;
};

fetch_options in_a_hurry_to_connect() {
    fetch_options options = working_fetch::quick();
    options.connect_timeout = 1s;
    options.retries = 0;
    return options;
}

TEST(fetch_fault, H2_a_connection_that_is_not_accepted_ends_with_the_connect_timeout) {
    narrow_port port;
    port.crowd();
    working_fetch work(in_a_hurry_to_connect());
    auto& item = work.get(port.url());
    EXPECT_EQ(item.why().kind, error_kind::timeout);
    EXPECT_TRUE(contains(item.why().reason, "timeout while connecting")) << item.why().reason;
}

TEST(fetch_fault, H2_so_does_one_in_place_of_a_kept_one_that_was_lost) {
    narrow_port port;
    working_fetch work(in_a_hurry_to_connect());
    auto& served = work.admit(port.url());
    {
        const fetch_stage::unique_fd kept = port.answer();
        work.run.wait_for(1);
        ASSERT_TRUE(has_page(served)) << served.why().reason;
    }
    port.crowd();
    auto& item = work.admit(port.url());
    work.run.wait_for(2);
    EXPECT_EQ(item.why().kind, error_kind::timeout);
    EXPECT_TRUE(contains(item.why().reason, "timeout while connecting (connect_timeout of 1 s)")) << item.why().reason;
}

TEST(fetch_fault, a_port_without_a_listener_is_a_failed_request) {
    working_fetch work;
    auto& item = work.get("http://127.0.0.1:1/");
    EXPECT_EQ(item.why().kind, error_kind::request) << item.why().reason;
    EXPECT_EQ(item.attempts, 3U);
}

TEST(fetch_fault, H20_a_name_that_does_not_exist_is_a_failed_request) {
    fetch_options options = working_fetch::quick();
    options.retries = 0;
    working_fetch work(options);
    auto& item = work.get("http://no-such-host.invalid/");
    EXPECT_TRUE(item.why().kind == error_kind::request || item.why().kind == error_kind::timeout) << item.why().reason;
}

TEST(fetch_fault, H6_a_body_that_is_no_gzip_is_truncated) {
    const outcome_of got({.headers = {{"Content-Encoding", "gzip"}}, .body = "this is no gzip at all, is it"});
    EXPECT_EQ(got.item.why().kind, error_kind::truncated) << got.item.why().reason;
}

TEST(fetch_fault, O4_a_lack_of_descriptors_is_this_machines_fault) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "UBSan opens a pipe to look at an object's type, and takes a failure for a bad object";
#endif
    http_server server([](const http_request&) { return text("x"); });
    fetch_options options = working_fetch::quick();
    options.retries = 0;
    working_fetch work(options);
    rlimit former{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &former), 0);
    rlimit none = former;
    none.rlim_cur = 3;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    auto& item = work.get(server.url());
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &former), 0);
    EXPECT_EQ(item.why().kind, error_kind::local_resource) << item.why().reason;
    EXPECT_TRUE(has_page(work.get(server.url())));
}

}  // namespace
}  // namespace penstock::testing
