#include "scripted_curl.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdarg>
#include <deque>
#include <utility>

// The macros of libcurl's header check the types of callers; here is the called side.
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
#undef curl_share_setopt

namespace penstock::testing {

namespace {
scripted_curl* played = nullptr;
}

scripted_curl::scripted_curl() { played = this; }
scripted_curl::~scripted_curl() { played = nullptr; }

struct curl_multi {
    curl_socket_callback on_socket = nullptr;
    curl_multi_timer_callback on_timer = nullptr;
    void *socket_data = nullptr, *timer_data = nullptr;
    std::vector<curl_easy*> all;
    std::deque<std::pair<curl_easy*, CURLcode>> ended;
    CURLMsg message{};

    CURLMcode add(curl_easy& one) {
        char* text = nullptr;
        curl_url_get(one.target, CURLUPART_URL, &text, 0);
        one.url = text == nullptr ? "" : text;
        curl_free(text);
        if (played->refuse_adding != 0) {
            --played->refuse_adding;
            played->on_refused(one);
            return CURLM_OUT_OF_MEMORY;
        }
        one.reply = answer();
        one.replied = false;
        one.now = curl_easy::step::begun;
        one.may_go = 0;
        one.connected = one.answered = one.finished = one.harvested = false;
        one.began = std::chrono::steady_clock::now();
        one.in = this;
        all.push_back(&one);
        played->under_way_.push_back(&one);
        played->on_added(one);
        set_timer();
        return CURLM_OK;
    }

    void remove(curl_easy& one) {
        if (one.in != this) return;
        if (one.fd != CURL_SOCKET_BAD) {
            on_socket(&one, one.fd, CURL_POLL_REMOVE, socket_data, nullptr);
            std::erase(played->events_, one.fd);
            one.on_close(one.close_data, std::exchange(one.fd, CURL_SOCKET_BAD));
        }
        const bool untold = std::erase_if(ended, [&](const auto& done) { return done.first == &one; }) != 0;
        one.harvested = one.now == curl_easy::step::over && !untold;
        std::erase(all, &one);
        std::erase(played->under_way_, &one);
        played->on_removed(one);
        one.in = nullptr;
    }

    void act(curl_socket_t fd) {
        const auto now = std::chrono::steady_clock::now();
        for (curl_easy* const one : std::vector<curl_easy*>(all)) {
            if (fd != CURL_SOCKET_TIMEOUT && one->fd != fd) continue;
            while (one->may_go != 0 && one->now != curl_easy::step::over) {
                --one->may_go;
                go_on(*one);
            }
            if (one->now != curl_easy::step::over && one->gives_up() <= now) end(*one, CURLE_OPERATION_TIMEDOUT);
        }
        set_timer();
    }

    void go_on(curl_easy& one) {
        switch (one.now) {
            case curl_easy::step::begun: return open(one);
            case curl_easy::step::opened: return send_head(one);
            case curl_easy::step::head_sent: return send_body(one);
            case curl_easy::step::over: return;
        }
    }

    void open(curl_easy& one) {
        if (!one.reply.opens) return end(one, one.reply.result);
        curl_sockaddr address{};
        address.family = AF_INET;
        address.socktype = SOCK_STREAM;
        one.fd = one.on_open(one.open_data, CURLSOCKTYPE_IPCXN, &address);
        if (one.fd == CURL_SOCKET_BAD) return end(one, CURLE_COULDNT_CONNECT);
        one.now = curl_easy::step::opened;
        one.connected = true;
        played->on_name_known(one);
        on_socket(&one, one.fd, CURL_POLL_IN, socket_data, nullptr);
    }

    void send_head(curl_easy& one) {
        one.now = curl_easy::step::head_sent;
        one.answered = true;
        for (std::string line : one.reply.head) {
            if (one.on_head(line.data(), 1, line.size(), one.head_data) != line.size()) {
                return end(one, CURLE_WRITE_ERROR);
            }
        }
    }

    void send_body(curl_easy& one) {
        if (one.reply.stalls) return;
        std::string& body = one.reply.body;
        const bool taken = body.empty() || one.on_body(body.data(), 1, body.size(), one.body_data) == body.size();
        one.finished = taken;
        end(one, taken ? one.reply.result : CURLE_WRITE_ERROR);
    }

    void end(curl_easy& one, CURLcode result) {
        one.now = curl_easy::step::over;
        ended.emplace_back(&one, result);
    }

    void set_timer() {
        const auto now = std::chrono::steady_clock::now();
        long soonest = -1;
        for (const curl_easy* one : all) {
            if (one->now == curl_easy::step::over) continue;
            const bool at_once = one->may_go != 0 && one->fd == CURL_SOCKET_BAD;
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(one->gives_up() - now).count();
            const long due = at_once ? 0 : std::max(0L, static_cast<long>(left));
            soonest = soonest < 0 ? due : std::min(soonest, due);
        }
        on_timer(this, soonest, timer_data);
    }
};

void scripted_curl::go_on(curl_easy& one, unsigned steps) {
    if (one.in == nullptr || one.now == curl_easy::step::over) return;
    one.may_go += steps;
    if (one.fd == CURL_SOCKET_BAD) return one.in->set_timer();
    if (std::find(events_.begin(), events_.end(), one.fd) == events_.end()) events_.push_back(one.fd);
}

}  // namespace penstock::testing

using penstock::testing::curl_easy;
using penstock::testing::curl_multi;

namespace {

curl_easy& of_easy(CURL* handle) { return *static_cast<curl_easy*>(handle); }
curl_multi& of_multi(CURLM* handle) { return *static_cast<curl_multi*>(handle); }

curl_off_t microseconds_of(const curl_easy& one) {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - one.began).count();
}

}  // namespace

// libcurl's signatures end in an enum before their dots, which is well in C and which clang warns of in C++.
#pragma GCC diagnostic ignored "-Wvarargs"

extern "C" {

CURL* curl_easy_init() { return new curl_easy(); }

void curl_easy_cleanup(CURL* handle) {
    curl_easy& one = of_easy(handle);
    if (one.in != nullptr) one.in->remove(one);
    delete &one;
}

CURLcode curl_easy_setopt(CURL* handle, CURLoption option, ...) {
    curl_easy& one = of_easy(handle);
    va_list arguments;
    va_start(arguments, option);
    switch (option) {
        case CURLOPT_PRIVATE: one.owner = va_arg(arguments, void*); break;
        case CURLOPT_CURLU: one.target = va_arg(arguments, CURLU*); break;
        case CURLOPT_HEADERFUNCTION: one.on_head = va_arg(arguments, curl_write_callback); break;
        case CURLOPT_HEADERDATA: one.head_data = va_arg(arguments, void*); break;
        case CURLOPT_WRITEFUNCTION: one.on_body = va_arg(arguments, curl_write_callback); break;
        case CURLOPT_WRITEDATA: one.body_data = va_arg(arguments, void*); break;
        case CURLOPT_OPENSOCKETFUNCTION: one.on_open = va_arg(arguments, curl_opensocket_callback); break;
        case CURLOPT_OPENSOCKETDATA: one.open_data = va_arg(arguments, void*); break;
        case CURLOPT_CLOSESOCKETFUNCTION: one.on_close = va_arg(arguments, curl_closesocket_callback); break;
        case CURLOPT_CLOSESOCKETDATA: one.close_data = va_arg(arguments, void*); break;
        case CURLOPT_TIMEOUT_MS: one.timeout = std::chrono::milliseconds(va_arg(arguments, long)); break;
        case CURLOPT_CONNECTTIMEOUT_MS: one.connect_timeout = std::chrono::milliseconds(va_arg(arguments, long)); break;
        default: break;  // About the wire, which is not there.
    }
    va_end(arguments);
    return CURLE_OK;
}

CURLcode curl_easy_getinfo(CURL* handle, CURLINFO what, ...) {
    const curl_easy& one = of_easy(handle);
    va_list arguments;
    va_start(arguments, what);
    void* const to = va_arg(arguments, void*);
    va_end(arguments);
    switch (what) {
        case CURLINFO_PRIVATE: *static_cast<char**>(to) = static_cast<char*>(one.owner); break;
        case CURLINFO_TOTAL_TIME_T: *static_cast<curl_off_t*>(to) = microseconds_of(one); break;
        case CURLINFO_NAMELOOKUP_TIME_T:
        case CURLINFO_CONNECT_TIME_T:
        case CURLINFO_PRETRANSFER_TIME_T: *static_cast<curl_off_t*>(to) = one.connected ? 1 : 0; break;
        case CURLINFO_NUM_CONNECTS: *static_cast<long*>(to) = one.connected ? 1 : 0; break;
        case CURLINFO_RETRY_AFTER: *static_cast<curl_off_t*>(to) = one.reply.retry_after; break;
        default: return CURLE_UNKNOWN_OPTION;
    }
    return CURLE_OK;
}

CURLM* curl_multi_init() { return new curl_multi(); }

CURLMcode curl_multi_cleanup(CURLM* handle) {
    delete &of_multi(handle);
    return CURLM_OK;
}

CURLMcode curl_multi_setopt(CURLM* handle, CURLMoption option, ...) {
    curl_multi& set = of_multi(handle);
    va_list arguments;
    va_start(arguments, option);
    switch (option) {
        case CURLMOPT_SOCKETFUNCTION: set.on_socket = va_arg(arguments, curl_socket_callback); break;
        case CURLMOPT_SOCKETDATA: set.socket_data = va_arg(arguments, void*); break;
        case CURLMOPT_TIMERFUNCTION: set.on_timer = va_arg(arguments, curl_multi_timer_callback); break;
        case CURLMOPT_TIMERDATA: set.timer_data = va_arg(arguments, void*); break;
        default: break;
    }
    va_end(arguments);
    return CURLM_OK;
}

CURLMcode curl_multi_add_handle(CURLM* handle, CURL* easy) { return of_multi(handle).add(of_easy(easy)); }

CURLMcode curl_multi_remove_handle(CURLM* handle, CURL* easy) {
    of_multi(handle).remove(of_easy(easy));
    return CURLM_OK;
}

CURLMsg* curl_multi_info_read(CURLM* handle, int* left) {
    curl_multi& set = of_multi(handle);
    if (set.ended.empty()) return nullptr;
    set.message.msg = CURLMSG_DONE;
    set.message.easy_handle = set.ended.front().first;
    set.message.data.result = set.ended.front().second;
    set.ended.pop_front();
    *left = static_cast<int>(set.ended.size());
    return &set.message;
}

CURLMcode curl_multi_socket_action(CURLM* handle, curl_socket_t fd, int, int* running) {
    of_multi(handle).act(fd);
    *running = static_cast<int>(of_multi(handle).all.size());
    return CURLM_OK;
}

CURLSH* curl_share_init() { return reinterpret_cast<CURLSH*>(1); }
CURLSHcode curl_share_setopt(CURLSH*, CURLSHoption, ...) { return CURLSHE_OK; }
CURLSHcode curl_share_cleanup(CURLSH*) { return CURLSHE_OK; }

}  // extern "C"
