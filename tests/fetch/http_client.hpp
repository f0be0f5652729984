#pragma once

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

// Clients that see what is on the wire, for the tests of the HTTP server.
namespace penstock::testing {

using namespace std::chrono_literals;

inline const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

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

inline curl_answer fetch(const std::string& url, const std::string& posted = "") {
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

inline http_handler always(http_response response) {
    return [response = std::move(response)](const http_request&) { return response; };
}

/// What a client that sends one GET receives, up to the end of the connection.
inline std::pair<std::string, int> answer_to_the_end(http_response response) {
    const http_server server(always(std::move(response)));
    raw_client client(server);
    client.send(get);
    auto bytes = client.read_to_end();
    return {std::move(bytes), client.error};
}

inline bool eventually(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!holds() && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
    }
    return holds();
}

inline std::size_t open_descriptors() {
    const std::filesystem::directory_iterator entries("/proc/self/fd");
    return std::size_t(std::distance(begin(entries), end(entries)));
}

/// The signal mask of each thread of a server. The kernel lists a thread for a moment after it was joined, so a single
/// look proves nothing.
inline std::vector<unsigned long long> masks_of_server_threads() {
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

}  // namespace penstock::testing
