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
    bool stalls = false;  ///< Its end never comes; only a timeout ends it.
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
    time_point began{};

    curl_multi* in = nullptr;
    void* owner = nullptr;
    CURLU* target = nullptr;
    curl_write_callback on_head = nullptr, on_body = nullptr;
    curl_opensocket_callback on_open = nullptr;
    curl_closesocket_callback on_close = nullptr;
    void *head_data = nullptr, *body_data = nullptr, *open_data = nullptr, *close_data = nullptr;
    std::chrono::milliseconds timeout{0};
    std::chrono::milliseconds connect_timeout{0};

    /// True if it has not come to its end, nor to where it stalls.
    bool can_go_on() const noexcept { return now != step::over && !(reply.stalls && now == step::head_sent); }

    time_point gives_up() const noexcept {
        return began + (now == step::begun ? std::min(connect_timeout, timeout) : timeout);
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
    unsigned refuse_adding = 0;  ///< So many additions fail for lack of memory.

private:
    friend struct curl_multi;
    std::vector<curl_easy*> under_way_;
    std::vector<curl_socket_t> events_;
};

}  // namespace penstock::testing
