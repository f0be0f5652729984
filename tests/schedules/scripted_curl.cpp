#include "scripted_curl.hpp"

#include <algorithm>
#include <cstdarg>
#include <utility>

#include "scripted_multi.hpp"

// The macros of libcurl's header check the types of callers; here is the called side.
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
#undef curl_share_setopt

namespace penstock::testing {

scripted_curl::scripted_curl() { played = this; }
scripted_curl::~scripted_curl() { played = nullptr; }

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
        case CURLINFO_NUM_CONNECTS: *static_cast<long*>(to) = one.new_connection ? 1 : 0; break;
        case CURLINFO_RETRY_AFTER: *static_cast<curl_off_t*>(to) = one.reply.retry_after; break;
        default: return CURLE_UNKNOWN_OPTION;
    }
    return CURLE_OK;
}

CURLcode curl_easy_pause(CURL* handle, int what) {
    curl_easy& one = of_easy(handle);
    if (what != CURLPAUSE_CONT || !one.held_up()) return CURLE_OK;
    // What was kept comes before this returns, and may be held up again.
    one.lost_room = !curl_multi::give(one, std::exchange(one.kept, 0));
    if (one.lost_room) return CURLE_WRITE_ERROR;
    one.runs_now = !one.held_up();
    one.in->set_timer();
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
