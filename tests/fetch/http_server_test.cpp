#include <curl/curl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <penstock/testing/http_server.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace penstock::testing;

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// A blocking socket; gives up after ten seconds, so that a failure is no hang.
class raw_client {
public:
    explicit raw_client(const http_server& server) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const ::timeval patience{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server.port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<::sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("connect failed");
        }
    }
    raw_client(raw_client&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
    ~raw_client() { ::close(socket_); }

    void send(const std::string& bytes) {
        ASSERT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), ssize_t(bytes.size()));
    }

    /// One recv; remembers how it ended: 0 for data or an orderly end, else the error.
    std::string read_some() {
        std::string bytes(65536, '\0');
        const auto got = ::recv(socket_, bytes.data(), bytes.size(), 0);
        error = got < 0 ? errno : 0;
        bytes.resize(got < 0 ? 0 : std::size_t(got));
        return bytes;
    }

    std::string read_until(const std::string& end) {
        std::string bytes;
        for (auto more = read_some(); !more.empty(); more = read_some()) {
            bytes += more;
            if (!end.empty() && bytes.ends_with(end)) {
                break;
            }
        }
        return bytes;
    }

    std::string read_to_end() { return read_until(""); }

    int error = 0;

private:
    int socket_;
};

struct curl_answer {
    CURLcode code = CURLE_OK;
    long status = 0;
    std::string body = {};
};

curl_answer fetch(const std::string& url, const std::string& posted = "") {
    curl_answer answer;
    CURL* const easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, 10L);
    curl_easy_setopt(easy, CURLOPT_EXPECT_100_TIMEOUT_MS, 10'000L);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(
        easy, CURLOPT_WRITEFUNCTION, +[](char* data, std::size_t, std::size_t bytes, std::string* body) {
            body->append(data, bytes);
            return bytes;
        });
    if (!posted.empty()) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(posted.size()));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, posted.data());
    }
    answer.code = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_easy_cleanup(easy);
    return answer;
}

http_handler always(http_response response) {
    return [response = std::move(response)](const http_request&) { return response; };
}

/// What a client that sends one GET receives, up to the end of the connection.
std::pair<std::string, int> answer_to_the_end(http_response response) {
    const http_server server(always(std::move(response)));
    raw_client client(server);
    client.send(get);
    auto bytes = client.read_to_end();
    return {std::move(bytes), client.error};
}

bool eventually(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!holds() && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
    }
    return holds();
}

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator entries("/proc/self/fd");
    return std::size_t(std::distance(begin(entries), end(entries)));
}

/// The signal mask of each thread of a server. The kernel lists a thread for a moment after it was joined, so a single
/// look proves nothing.
std::vector<unsigned long long> masks_of_server_threads() {
    std::vector<unsigned long long> masks;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream file(task.path() / "status");
        const std::string facts(std::istreambuf_iterator<char>(file), {});
        if (facts.starts_with("Name:\tpenstock-http\n")) {
            masks.push_back(std::stoull(facts.substr(facts.find("SigBlk:") + 8, 16), nullptr, 16));
        }
    }
    return masks;
}

TEST(http_server, a_page_arrives_with_status_headers_and_body) {
    const http_server server(always(json("{}")));
    EXPECT_EQ(server.url("/a"), "http://127.0.0.1:" + std::to_string(server.port()) + "/a");
    raw_client client(server);
    client.send(get);
    EXPECT_EQ(client.read_until("{}"),
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
    EXPECT_EQ(fetch(server.url()).body, "{}");
}

TEST(http_server, the_handler_sees_the_request_and_its_place) {
    const http_server server([](const http_request& request) {
        return text(request.method + " " + request.target + " " + request.body + " "
                    + std::string(request.header("x-key").value_or("none")) + " " + std::to_string(request.connection)
                    + "." + std::to_string(request.ordinal));
    });
    raw_client first(server);
    first.send("PUT /a?b HTTP/1.1\r\nX-KEY:  v \r\nContent-Length: 4\r\n\r\nbody");
    EXPECT_TRUE(first.read_until("1.1").ends_with("PUT /a?b body v 1.1"));
    first.send(get);
    EXPECT_TRUE(first.read_until("1.2").ends_with("GET /  none 1.2"));
    raw_client second(server);
    second.send(get);
    EXPECT_TRUE(second.read_until("2.1").ends_with("none 2.1"));
}

TEST(http_server, pipelined_requests_are_answered_in_order) {
    const http_server server([](const http_request& request) {
        http_response response = text("<" + request.target + ">");
        response.delay = request.ordinal == 1 ? 20ms : 0ms;
        return response;
    });
    raw_client client(server);
    std::string requests;
    std::string expected;
    for (int ordinal = 1; ordinal <= 1'000; ++ordinal) {
        requests += "GET /" + std::to_string(ordinal) + " HTTP/1.1\r\n\r\n";
        expected += "</" + std::to_string(ordinal) + ">";
    }
    const auto start = std::chrono::steady_clock::now();
    client.send(requests);
    std::string bodies;
    std::string all = client.read_until("</1000>");
    for (auto at = all.find('<'); at != std::string::npos; at = all.find('<', at + 1)) {
        bodies += all.substr(at, all.find('>', at) - at + 1);
    }
    EXPECT_EQ(bodies, expected);
    EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);
    EXPECT_EQ(server.requests(), 1'000u);
    EXPECT_EQ(server.peak_concurrent_requests(), 1u);
}

TEST(http_server, a_request_may_come_byte_by_byte) {
    const http_server server(always(text("done")));
    raw_client client(server);
    for (const char byte : "POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nab" + std::string("c")) {
        client.send(std::string(1, byte));
    }
    EXPECT_TRUE(client.read_until("done").ends_with("done"));
    EXPECT_EQ(server.log().at(0).body, "abc");
}

TEST(http_server, a_large_upload_is_told_to_continue) {
    const http_server server([](const http_request& request) { return text(std::to_string(request.body.size())); });
    EXPECT_EQ(fetch(server.url(), std::string(3'000'000, 'x')).body, "3000000");
}

TEST(http_server, a_thousand_delayed_answers_wait_at_the_same_time) {
    ::rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    const std::size_t count = limit.rlim_cur > 2'500 ? 1'000 : 400;
    const http_server server(always({.delay = 1h}));
    {
        std::vector<raw_client> clients;
        for (std::size_t index = 0; index < count; ++index) {
            clients.emplace_back(server).send(get);
        }
        EXPECT_TRUE(eventually([&] { return server.requests() == count; }));
        EXPECT_EQ(server.open_connections(), count);
        EXPECT_EQ(server.peak_concurrent_requests(), count);
    }
    EXPECT_TRUE(eventually([&] { return server.open_connections() == 0; }));
    EXPECT_EQ(server.connections(), count);
}

TEST(http_server, a_handler_that_throws_makes_a_500) {
    const http_server server([](const http_request& request) -> http_response {
        if (request.target == "/int") {
            throw 1;
        }
        throw std::runtime_error("why");
    });
    EXPECT_EQ(fetch(server.url()).body, "why");
    EXPECT_EQ(fetch(server.url("/int")).status, 500);
}

TEST(http_server, the_framing_says_where_the_body_ends) {
    const auto chunked =
        answer_to_the_end({.body = "ab", .body_repeat = 2, .framing = http_framing::chunked, .close_after = true});
    EXPECT_TRUE(chunked.first.ends_with("\r\n\r\n2\r\nab\r\n2\r\nab\r\n0\r\n\r\n"));
    const auto closed = answer_to_the_end({.body = "ab", .framing = http_framing::close_delimited});
    EXPECT_EQ(closed.first, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nab");
    EXPECT_EQ(closed.second, 0);
    const http_server server(
        always({.body = std::string(300'000, 'x'), .body_repeat = 3, .framing = http_framing::chunked}));
    EXPECT_EQ(fetch(server.url()).body, std::string(900'000, 'x'));
}

TEST(http_server, a_cut_ends_the_answer_at_its_byte) {
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

TEST(http_server, a_reset_reaches_the_client_as_econnreset) {
    EXPECT_EQ(answer_to_the_end({.cut_head_after = 0, .reset = true}), std::pair(std::string(), ECONNRESET));
    const auto body =
        answer_to_the_end({.body = std::string(3'000'000, 'x'), .cut_body_after = 2'000'000, .reset = true});
    EXPECT_EQ(std::count(body.first.begin(), body.first.end(), 'x'), 2'000'000);
    EXPECT_EQ(body.second, ECONNRESET);
    const auto whole = answer_to_the_end({.body = "abc", .reset = true});
    EXPECT_TRUE(whole.first.ends_with("abc"));
    EXPECT_EQ(whole.second, ECONNRESET);
}

TEST(http_server, lies_about_the_length_are_told) {
    const http_server server(always({.body = "abc", .declared_length = 5, .close_after = true}));
    EXPECT_EQ(fetch(server.url()).code, CURLE_PARTIAL_FILE);
    const auto own = answer_to_the_end({.headers = {{"content-length", "-1"}}, .close_after = true});
    EXPECT_EQ(own.first, "HTTP/1.1 200 OK\r\ncontent-length: -1\r\nConnection: close\r\n\r\n");
}

TEST(http_server, a_trickle_comes_in_pieces_with_pauses) {
    const auto start = std::chrono::steady_clock::now();
    const std::string digits = "0123456789abcdefghi";
    const auto answer =
        answer_to_the_end({.trickle_bytes = 5, .trickle_every = 2ms, .close_after = true, .raw = digits});
    EXPECT_EQ(answer.first, digits);
    EXPECT_GE(std::chrono::steady_clock::now() - start, 6ms);
}

TEST(http_server, a_stall_lasts_until_the_peer_closes) {
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

TEST(http_server, an_endless_body_ends_when_the_peer_closes) {
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

TEST(http_server, a_peer_that_closes_within_an_answer_does_no_harm) {
    const http_server server(always({.body = std::string(1'000'000, 'x')}));
    for (int round = 0; round < 50; ++round) {
        raw_client client(server);
        client.send(get + get);
        client.read_some();
    }
    EXPECT_TRUE(eventually([&] { return server.open_connections() == 0; }));
    EXPECT_EQ(fetch(server.url()).body.size(), 1'000'000u);
}

TEST(http_server, raw_bytes_are_sent_as_they_are) {
    const std::string continues = "HTTP/1.1 102 Processing\r\n\r\n";
    EXPECT_EQ(answer_to_the_end({.body = "not this", .close_after = true, .raw = continues}).first, continues);
    EXPECT_EQ(answer_to_the_end({.cut_head_after = 4, .raw = continues}).first, "HTTP");
}

TEST(http_server, a_redirect_leads_a_client_on) {
    const http_server server(
        [](const http_request& request) { return request.target == "/" ? redirect(302, "/next?x") : text("there"); });
    EXPECT_EQ(fetch(server.url()).body, "there");
    EXPECT_EQ(server.requests("/next?x"), 1u);
    EXPECT_EQ(server.requests("/next"), 0u);
}

TEST(http_server, head_and_empty_statuses_have_no_body) {
    const http_server server(
        [](const http_request& request) { return request.method == "HEAD" ? json("abc") : status(204); });
    raw_client client(server);
    client.send("HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.read_to_end(),
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n"
              "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST(http_server, an_unreadable_request_is_refused_and_not_counted) {
    const http_server server(always({}));
    for (const auto& [request, answer] : std::vector<std::pair<std::string, std::string>>{
             {"nonsense\r\n\r\n", "HTTP/1.1 400"},
             {"GET / HTTP/1.1\r\na: b\nc: d\r\n\r\n", "HTTP/1.1 400"},
             {"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400"},
             {"GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", "HTTP/1.1 413"},
             {"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 501"},
             {"GET /" + std::string(1'500'000, 'a'), "HTTP/1.1 431"}}) {
        raw_client client(server);
        client.send(request);
        EXPECT_TRUE(client.read_to_end().starts_with(answer)) << request.substr(0, 60);
        EXPECT_EQ(client.error, 0);
    }
    EXPECT_EQ(server.requests(), 0u);
}

TEST(http_server, the_log_keeps_the_newest_ten_thousand) {
    const http_server server(always({}));
    std::string thousand;
    for (int count = 0; count < 1'000; ++count) {
        thousand += get;
    }
    raw_client client(server);
    std::thread sender([&] {
        for (int round = 0; round < 10; ++round) {
            client.send(thousand);
        }
        client.send("GET /last HTTP/1.1\r\nConnection: close\r\n\r\n");
    });
    client.read_to_end();
    sender.join();
    const auto log = server.log();
    ASSERT_EQ(log.size(), 10'000u);
    EXPECT_EQ(log.front().ordinal, 2u);
    EXPECT_EQ(log.back().target, "/last");
}

TEST(http_server, a_folder_is_served_and_not_what_lies_outside) {
    const auto folder =
        std::filesystem::temp_directory_path() / ("penstock_http_server_test_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder / "in");
    std::ofstream(folder / "secret.json") << "secret";
    std::ofstream(folder / "in" / "a b.json") << "[1]";
    {
        const http_server server(serve_folder(folder / "in"));
        EXPECT_EQ(fetch(server.url("/a%20b.json?page=1")).body, "[1]");
        for (const auto* const path : {"/none.json", "/", "/%2e%2e/secret.json", "/%00", "/%4"}) {
            EXPECT_EQ(fetch(server.url(path)).status, 404) << path;
        }
        raw_client client(server);
        client.send("GET /../secret.json HTTP/1.0\r\n\r\n");
        EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 404"));
        EXPECT_EQ(fetch(server.url("/a%20b.json"), "posted").status, 405);
    }
    std::filesystem::remove_all(folder);
    EXPECT_THROW(static_cast<void>(serve_folder(folder)), std::invalid_argument);
}

TEST(http_server, its_thread_takes_no_signals) {
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

TEST(http_server, nothing_is_left_when_it_is_destroyed_in_any_state) {
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
