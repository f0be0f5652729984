#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "scripted_curl.hpp"

namespace penstock::testing {

/// A multi handle of the libcurl that a test plays: takes its transfers from step to step, and keeps connections.
struct curl_multi {
    curl_socket_callback on_socket = nullptr;
    curl_multi_timer_callback on_timer = nullptr;
    void *socket_data = nullptr, *timer_data = nullptr;
    std::vector<curl_easy*> all;
    std::deque<std::pair<curl_easy*, CURLcode>> ended;
    CURLMsg message{};
    struct connection {
        std::string host;
        curl_socket_t fd;
        curl_closesocket_callback on_close;
        void* close_data;
    };
    std::deque<connection> unused;

    ~curl_multi() {
        while (!unused.empty()) close_oldest();
    }
    void close_oldest() {
        unused.front().on_close(unused.front().close_data, unused.front().fd);
        unused.pop_front();
    }

    CURLMcode add(curl_easy& one) {
        char* text = nullptr;
        curl_url_get(one.target, CURLUPART_URL, &text, 0);
        one.url = text == nullptr ? "" : text;
        curl_free(text);
        if (scripted_curl::played->refuse_adding != 0) {
            --scripted_curl::played->refuse_adding;
            scripted_curl::played->on_refused(one);
            return CURLM_OUT_OF_MEMORY;
        }
        one.reply = answer();
        one.replied = false;
        one.now = curl_easy::step::begun;
        one.may_go = 0;
        one.connected = one.answered = one.finished = one.harvested = one.new_connection = false;
        one.runs_now = one.lost_room = false;
        one.sent = one.kept = 0;
        one.began = std::chrono::steady_clock::now();
        one.in = this;
        all.push_back(&one);
        scripted_curl::played->under_way_.push_back(&one);
        scripted_curl::played->on_added(one);
        set_timer();
        return CURLM_OK;
    }

    void remove(curl_easy& one) {
        if (one.in != this) return;
        if (one.fd != CURL_SOCKET_BAD) {
            on_socket(&one, one.fd, CURL_POLL_REMOVE, socket_data, nullptr);
            std::erase(scripted_curl::played->events_, one.fd);
            let_go_of_connection(one);
        }
        const bool untold = std::erase_if(ended, [&](const auto& done) { return done.first == &one; }) != 0;
        one.harvested = one.now == curl_easy::step::over && !untold;
        std::erase(all, &one);
        std::erase(scripted_curl::played->under_way_, &one);
        scripted_curl::played->on_removed(one);
        one.served_last = one.reply.whole && one.finished ? scripted_curl::host_of(one.url) : std::string();
        one.in = nullptr;
    }

    void let_go_of_connection(curl_easy& one) {
        const curl_socket_t fd = std::exchange(one.fd, CURL_SOCKET_BAD);
        if (!one.finished || !one.reply.keeps || one.reply.result != CURLE_OK) {
            one.on_close(one.close_data, fd);
            return;
        }
        unused.push_back({scripted_curl::host_of(one.url), fd, one.on_close, one.close_data});
        if (unused.size() > 4) close_oldest();
    }

    void act(curl_socket_t fd) {
        const auto now = std::chrono::steady_clock::now();
        for (curl_easy* const one : std::vector<curl_easy*>(all)) {
            if (fd != CURL_SOCKET_TIMEOUT && one->fd != fd) continue;
            if (std::exchange(one->runs_now, false)) ++one->may_go;
            while (one->may_go != 0 && one->can_go_on()) {
                --one->may_go;
                go_on(*one);
            }
            if (!one->can_go_on()) one->may_go = 0;
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
        const auto kept = std::find_if(unused.begin(), unused.end(), [&](const connection& each) {
            return each.host == scripted_curl::host_of(one.url);
        });
        if (one.reply.reuses && kept != unused.end()) {
            one.fd = kept->fd;
            unused.erase(kept);
            ++scripted_curl::played->reused;
        } else {
            curl_sockaddr address{};
            address.family = AF_INET;
            address.socktype = SOCK_STREAM;
            one.fd = one.on_open(one.open_data, CURLSOCKTYPE_IPCXN, &address);
            if (one.fd == CURL_SOCKET_BAD) return end(one, CURLE_COULDNT_CONNECT);
            one.new_connection = true;
        }
        one.now = curl_easy::step::opened;
        one.connected = true;
        scripted_curl::played->on_name_known(one);
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
        const std::size_t size = one.reply.body.size();
        const std::size_t chunk = (size + one.reply.chunks - 1) / one.reply.chunks;
        if (!give(one, std::min(chunk, one.body_end() - one.sent))) return end(one, CURLE_WRITE_ERROR);
        if (one.held_up() || one.sent != size || one.reply.stalls) return;
        one.finished = true;
        end(one, one.reply.result);
    }

    /// False if the bytes are refused.
    static bool give(curl_easy& one, std::size_t bytes) {
        if (bytes == 0) return true;
        const std::size_t taken = one.on_body(one.reply.body.data() + one.sent, 1, bytes, one.body_data);
        if (taken == CURL_WRITEFUNC_PAUSE) {
            one.kept = bytes;
            ++scripted_curl::played->held_up;
            return true;
        }
        if (taken != bytes) return false;
        one.sent += bytes;
        scripted_curl::played->on_body_taken(one);
        return true;
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
            const bool at_once = one->runs_now || (one->may_go != 0 && one->fd == CURL_SOCKET_BAD);
            if (!at_once && one->now != curl_easy::step::begun) continue;
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(one->gives_up() - now).count();
            const long due = at_once ? 0 : std::max(0L, static_cast<long>(left));
            soonest = soonest < 0 ? due : std::min(soonest, due);
        }
        on_timer(this, soonest, timer_data);
    }
};

}  // namespace penstock::testing
