#pragma once

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "virtual_clock.hpp"

namespace penstock::testing {

struct curl_multi;

/// What a server answers to one request, or how the attempt fails.
struct answer {
    CURLcode result = CURLE_OK;
    bool opens = true;              ///< False: it ends before there is a connection.
    std::vector<std::string> head;  ///< Lines with their line ends.
    std::string body;
    int retry_after = 0;  ///< Seconds, as libcurl would have read them.
    bool whole = false;   ///< True if it is a page.
    bool stalls = false;  ///< Behind half of its body nothing comes; only a timeout ends it.
    unsigned chunks = 1;  ///< In how many pieces the body comes.
    bool reuses = true;   ///< It takes a kept connection if there is one,
    bool keeps = true;    ///< and leaves its own behind.

    bool is_success() const { return !head.empty() && head.front().starts_with("HTTP/1.1 2"); }
};

/// An easy handle of the libcurl that a test plays.
struct curl_easy {
    using time_point = virtual_clock::time_point;
    enum class step : unsigned char { begun, opened, head_sent, over };

    std::string url;  ///< Where it was sent, as it was when the transfer was added.
    answer reply;
    bool replied = false;  ///< True once `reply` was chosen.
    step now = step::over;
    unsigned may_go = 0;  ///< How many steps it takes when its multi handle acts next.
    curl_socket_t fd = CURL_SOCKET_BAD;
    bool connected = false;  ///< This and the next still hold when it has ended.
    bool answered = false;   ///< Its head was sent.
    bool finished = false;   ///< Its answer came to its end.
    bool harvested = false;  ///< That was told to fetch.
    bool new_connection = false;
    std::size_t sent = 0;     ///< Bytes of the body that were taken.
    std::size_t kept = 0;     ///< Bytes that were not, since the transfer is held up; 0 while it is not.
    bool runs_now = false;    ///< It was let go on, and looks by itself for what has come.
    bool lost_room = false;   ///< What was kept for it was refused when it was let go on.
    std::string served_last;  ///< The host that its handle had a page from in the transfer before.
    time_point began{};

    curl_multi* in = nullptr;
    void* owner = nullptr;
    CURLU* target = nullptr;
    curl_write_callback on_head = nullptr, on_body = nullptr;
    curl_opensocket_callback on_open = nullptr;
    curl_closesocket_callback on_close = nullptr;
    void *head_data = nullptr, *body_data = nullptr, *open_data = nullptr, *close_data = nullptr;
    std::chrono::milliseconds connect_timeout{0};

    bool held_up() const noexcept { return kept != 0; }
    /// Where its body ends, or stalls.
    std::size_t body_end() const noexcept { return reply.stalls ? reply.body.size() / 2 : reply.body.size(); }
    /// True if it is not held up and has not come to its end, nor to where it stalls.
    bool can_go_on() const noexcept {
        return now != step::over && !held_up() && !(reply.stalls && now == step::head_sent && sent == body_end());
    }

    /// When it has waited long enough for a connection; libcurl has a time of its own if it is told none.
    time_point gives_up() const noexcept {
        constexpr std::chrono::milliseconds otherwise = std::chrono::minutes(5);
        if (now != step::begun) return time_point::max();
        return began + (connect_timeout == std::chrono::milliseconds(0) ? otherwise : connect_timeout);
    }
};

/// Stands in for libcurl's transfers, without network: this program defines `curl_easy_…` and `curl_multi_…`, and the
/// fetch stage is linked with them as it is. The rest of libcurl (URLs, lists, texts) is the real one. A transfer goes
/// on only when the test says so, or when its time is up. One lives for one schedule; one thread.
class scripted_curl {
public:
    scripted_curl();
    ~scripted_curl();
    scripted_curl(const scripted_curl&) = delete;
    scripted_curl& operator=(const scripted_curl&) = delete;

    /// The transfers that are under way.
    const std::vector<curl_easy*>& under_way() const noexcept { return under_way_; }

    /// Lets a transfer go on by so many steps as soon as fetch looks. `reply` must have been chosen.
    void go_on(curl_easy& one, unsigned steps);

    /// Sockets at which something has happened since the last call.
    std::vector<curl_socket_t> take_events() { return std::exchange(events_, {}); }

    std::function<void(curl_easy&)> on_added = [](curl_easy&) {};
    std::function<void(curl_easy&)> on_name_known = [](curl_easy&) {};
    std::function<void(curl_easy&)> on_removed = [](curl_easy&) {};
    std::function<void(curl_easy&)> on_refused = [](curl_easy&) {};
    std::function<void(curl_easy&)> on_body_taken = [](curl_easy&) {};
    unsigned held_up = 0;        ///< How often a transfer was.
    unsigned reused = 0;         ///< How often a kept connection was.
    unsigned refuse_adding = 0;  ///< So many additions fail for lack of memory.

private:
    friend struct curl_multi;
    static std::string host_of(const std::string& url) { return url.substr(0, url.find('/', url.find("//") + 2)); }

    inline static scripted_curl* played = nullptr;
    std::vector<curl_easy*> under_way_;
    std::vector<curl_socket_t> events_;
};

}  // namespace penstock::testing
