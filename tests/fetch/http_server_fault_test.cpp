// The faults that the server can be told to make, and what is left of it afterwards.
#include "http_client.hpp"

namespace {

using namespace std::chrono_literals;
using namespace penstock::testing;

TEST(http_server_fault, a_cut_ends_the_answer_at_its_byte) {
    EXPECT_EQ(answer_to_the_end({.body = "abc", .cut_head_after = 12}), std::pair(std::string("HTTP/1.1 200"), 0));
    EXPECT_TRUE(answer_to_the_end({.body = "abc", .cut_body_after = 2}).first.ends_with("\r\n\r\nab"));
    const auto chunked = [](std::size_t cut) {
        const auto bytes =
            answer_to_the_end(
                {.body = "abcd", .body_repeat = 3, .framing = http_framing::chunked, .cut_body_after = cut})
                .first;
        return bytes.substr(bytes.find("\r\n\r\n") + 4);
    };
    EXPECT_EQ(chunked(0), "");
    EXPECT_EQ(chunked(5), "4\r\nabcd\r\n4\r\na");
    EXPECT_EQ(chunked(99), "4\r\nabcd\r\n4\r\nabcd\r\n4\r\nabcd\r\n");
    const http_server server(always({.body = std::string(500'000, 'x'), .cut_body_after = 400'000}));
    EXPECT_EQ(fetch(server.url()).code, CURLE_PARTIAL_FILE);
    EXPECT_EQ(fetch(server.url()).body.size(), 400'000u);
}

TEST(http_server_fault, a_reset_reaches_the_client_as_econnreset) {
    EXPECT_EQ(answer_to_the_end({.cut_head_after = 0, .reset = true}), std::pair(std::string(), ECONNRESET));
    const auto body =
        answer_to_the_end({.body = std::string(3'000'000, 'x'), .cut_body_after = 2'000'000, .reset = true});
    EXPECT_EQ(std::count(body.first.begin(), body.first.end(), 'x'), 2'000'000);
    EXPECT_EQ(body.second, ECONNRESET);
    const auto whole = answer_to_the_end({.body = "abc", .reset = true});
    EXPECT_TRUE(whole.first.ends_with("abc"));
    EXPECT_EQ(whole.second, ECONNRESET);
}

TEST(http_server_fault, lies_about_the_length_are_told) {
    const http_server server(always({.body = "abc", .declared_length = 5, .close_after = true}));
    EXPECT_EQ(fetch(server.url()).code, CURLE_PARTIAL_FILE);
    const auto own = answer_to_the_end({.headers = {{"content-length", "-1"}}, .close_after = true});
    EXPECT_EQ(own.first, "HTTP/1.1 200 OK\r\ncontent-length: -1\r\nConnection: close\r\n\r\n");
}

TEST(http_server_fault, a_trickle_comes_in_pieces_with_pauses) {
    const auto start = std::chrono::steady_clock::now();
    const std::string digits = "0123456789abcdefghi";
    const auto answer =
        answer_to_the_end({.trickle_bytes = 5, .trickle_every = 2ms, .close_after = true, .raw = digits});
    EXPECT_EQ(answer.first, digits);
    EXPECT_GE(std::chrono::steady_clock::now() - start, 6ms);
}

TEST(http_server_fault, a_stall_lasts_until_the_peer_closes) {
    const http_server server(always({.body = "abc", .stall_after = 20}));
    {
        raw_client client(server);
        client.send(get);
        EXPECT_EQ(client.read_until("Con").size(), 20u);
        client.send(get);
        EXPECT_EQ(server.open_connections(), 1u);
    }
    EXPECT_TRUE(eventually([&] { return server.open_connections() == 0; }));
}

TEST(http_server_fault, an_endless_body_ends_when_the_peer_closes) {
    for (const auto framing : {http_framing::content_length, http_framing::chunked}) {
        const http_server server(always({.body = "x", .body_repeat = std::size_t(-1), .framing = framing}));
        {
            raw_client client(server);
            client.send(get);
            std::size_t bytes = 0;
            while (bytes < 20'000'000) {
                bytes += client.read_some().size();
            }
        }
        EXPECT_TRUE(eventually([&] { return server.open_connections() == 0; }));
    }
}

TEST(http_server_fault, a_peer_that_closes_within_an_answer_does_no_harm) {
    const http_server server(always({.body = std::string(1'000'000, 'x')}));
    for (int round = 0; round < 50; ++round) {
        raw_client client(server);
        client.send(get + get);
        client.read_some();
    }
    EXPECT_TRUE(eventually([&] { return server.open_connections() == 0; }));
    EXPECT_EQ(fetch(server.url()).body.size(), 1'000'000u);
}

TEST(http_server_fault, raw_bytes_are_sent_as_they_are) {
    const std::string continues = "HTTP/1.1 102 Processing\r\n\r\n";
    EXPECT_EQ(answer_to_the_end({.body = "not this", .close_after = true, .raw = continues}).first, continues);
    EXPECT_EQ(answer_to_the_end({.cut_head_after = 4, .raw = continues}).first, "HTTP");
}

TEST(http_server_fault, its_thread_takes_no_signals) {
    const http_server server(always({}));
    fetch(server.url());
    std::vector<unsigned long long> masks;
    ASSERT_TRUE(eventually([&] { return (masks = masks_of_server_threads()).size() == 1; }));
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGALRM, SIGCHLD, SIGUSR1}) {
        EXPECT_EQ(masks[0] >> (signal - 1) & 1, 1u) << signal;
    }
    ::sigset_t own;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &own);
    EXPECT_EQ(::sigismember(&own, SIGTERM), 0) << "the mask of the creator must be as before";
}

TEST(http_server_fault, nothing_is_left_when_it_is_destroyed_in_any_state) {
    const auto descriptors = open_descriptors();
    const std::string large(9'000'000, 'x');
    for (const http_response& response : {http_response{}, http_response{.delay = 1h}, http_response{.stall_after = 3},
                                          http_response{.close_after = true},
                                          http_response{.body = large, .cut_body_after = 8'000'000, .reset = true}}) {
        auto server = std::make_unique<http_server>(always(response));
        raw_client client(*server);
        raw_client silent(*server);
        client.send(get);
        EXPECT_TRUE(eventually([&] { return server->requests() == 1; }));
        server.reset();
        client.read_to_end();
    }
    EXPECT_EQ(open_descriptors(), descriptors);
    EXPECT_TRUE(eventually([] { return masks_of_server_threads().empty(); }));
    EXPECT_THROW(http_server(nullptr), std::invalid_argument);
}

}  // namespace
