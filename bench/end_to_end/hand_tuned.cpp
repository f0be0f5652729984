// The rival: what a patient programmer gets out of the same libraries by hand, without a framework and without safety.
// No retries, no deadlines, no limits; the first thing that goes wrong ends it.
//
// One thread runs 16 curl multi handles in one epoll loop, reads the pages and writes the rows as COPY text; a second
// one copies them, 5,000 rows a transaction. What makes it quick: each multi looks only through its own few
// connections; sockets stay in epoll from one transfer to the next; easy handles are reused, with a parsed URL of which
// only the path changes; no proxy is looked for in the environment; the request has two headers.
#include <curl/curl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "copy_table.hpp"
#include "page_rows.hpp"
#include "workload.hpp"

namespace {

using namespace bench_job;
using timer_clock = std::chrono::steady_clock;

constexpr std::size_t shard_count = 16;

struct shard {
    CURLM* multi = nullptr;
    std::optional<timer_clock::time_point> timer;
    bool touched = false;
};

struct transfer {
    CURL* easy = nullptr;
    CURLU* url = nullptr;
    shard* of = nullptr;
    std::vector<char> body = std::vector<char>(16384);
    std::size_t size = 0;
};

/// What epoll knows of a socket and what curl wants of it, as EPOLLIN and EPOLLOUT.
struct socket_watch {
    std::uint32_t registered = 0;
    std::uint32_t wanted = 0;
    shard* of = nullptr;
};

class downloader {
public:
    downloader(const job& of, copy_writer& to)
        : job_(of), to_(to), transfers_(static_cast<std::size_t>(std::min<std::int64_t>(of.connections, of.pages))) {
        for (shard& one : shards_) {
            one.multi = curl_multi_init();
            curl_multi_setopt(one.multi, CURLMOPT_MAXCONNECTS, static_cast<long>(transfers_.size()));
            curl_multi_setopt(one.multi, CURLMOPT_SOCKETFUNCTION, &on_socket);
            curl_multi_setopt(one.multi, CURLMOPT_SOCKETDATA, this);
            curl_multi_setopt(one.multi, CURLMOPT_TIMERFUNCTION, &on_timer);
            curl_multi_setopt(one.multi, CURLMOPT_TIMERDATA, &one);
        }
        for (std::size_t i = 0; i < transfers_.size(); ++i) prepare(transfers_[i], shards_[i % shard_count]);
    }

    ~downloader() {
        for (transfer& one : transfers_) {
            curl_multi_remove_handle(one.of->multi, one.easy);
            curl_easy_cleanup(one.easy);
            curl_url_cleanup(one.url);
        }
        for (shard& one : shards_) curl_multi_cleanup(one.multi);
        close(epoll_);
    }
    downloader(const downloader&) = delete;
    downloader& operator=(const downloader&) = delete;

    void run() {
        for (transfer& one : transfers_) begin_next(one);
        std::array<epoll_event, 256> events{};
        while (done_ < job_.pages) {
            const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_milliseconds());
            for (int i = 0; i < ready; ++i) act_on(events[static_cast<std::size_t>(i)]);
            act_on_timers();
            for (shard& one : shards_) {
                if (one.touched) take_done(one);
            }
        }
        if (rows_ != 0) to_.write(std::move(lines_));
    }

private:
    void prepare(transfer& one, shard& of) {
        one.of = &of;
        one.url = curl_url();
        one.easy = curl_easy_init();
        if (curl_url_set(one.url, CURLUPART_URL, job_.base_url.c_str(), 0) != CURLUE_OK) give_up("not a URL: BASE_URL");
        curl_easy_setopt(one.easy, CURLOPT_CURLU, one.url);
        curl_easy_setopt(one.easy, CURLOPT_PROXY, "");
        curl_easy_setopt(one.easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(one.easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        curl_easy_setopt(one.easy, CURLOPT_PRIVATE, &one);
        curl_easy_setopt(one.easy, CURLOPT_WRITEFUNCTION, &on_body);
        curl_easy_setopt(one.easy, CURLOPT_WRITEDATA, &one);
        curl_easy_setopt(one.easy, CURLOPT_CLOSESOCKETFUNCTION, &on_close);
        curl_easy_setopt(one.easy, CURLOPT_CLOSESOCKETDATA, this);
    }

    void begin_next(transfer& one) {
        if (next_ == job_.pages) return;
        one.size = 0;
        curl_url_set(one.url, CURLUPART_PATH, path_of(next_++).c_str(), 0);
        curl_multi_add_handle(one.of->multi, one.easy);
    }

    int wait_milliseconds() const {
        std::optional<timer_clock::time_point> first;
        for (const shard& one : shards_) {
            if (one.timer && (!first || *one.timer < *first)) first = one.timer;
        }
        if (!first) return -1;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*first - timer_clock::now());
        return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
    }

    void act_on(const epoll_event& event) {
        const int descriptor = event.data.fd;
        socket_watch& seen = watched_[static_cast<std::size_t>(descriptor)];
        if (seen.wanted == 0) {  // The server closed a connection that nobody uses.
            set_registered(descriptor, seen, 0);
            return;
        }
        const int what = ((event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0)
                         | ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0)
                         | ((event.events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
        int running = 0;
        seen.of->touched = true;
        curl_multi_socket_action(seen.of->multi, descriptor, what, &running);
    }

    void act_on_timers() {
        const auto now = timer_clock::now();
        for (shard& one : shards_) {
            if (!one.timer || *one.timer > now) continue;
            one.timer.reset();
            one.touched = true;
            int running = 0;
            curl_multi_socket_action(one.multi, CURL_SOCKET_TIMEOUT, 0, &running);
        }
    }

    void take_done(shard& of) {
        of.touched = false;
        int left = 0;
        while (const CURLMsg* const message = curl_multi_info_read(of.multi, &left)) {
            CURL* const easy = message->easy_handle;
            const CURLcode result = message->data.result;
            long status = 0;
            transfer* one = nullptr;
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            curl_easy_getinfo(easy, CURLINFO_PRIVATE, &one);
            curl_multi_remove_handle(of.multi, easy);
            if (result != CURLE_OK) give_up(curl_easy_strerror(result));
            if (status != 200) give_up("status " + std::to_string(status));
            load(*one);
            ++done_;
            begin_next(*one);
        }
    }

    void load(const transfer& one) {
        rows_ += reader_.append(one.body.data(), one.size, one.body.size(), lines_);
        if (rows_ < rows_per_transaction) return;
        lines_ = to_.write(std::move(lines_));
        rows_ = 0;
    }

    void set_registered(int descriptor, socket_watch& seen, std::uint32_t events) {
        const int how = events == 0 ? EPOLL_CTL_DEL : seen.registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
        epoll_event event{};
        event.events = events;
        event.data.fd = descriptor;
        epoll_ctl(epoll_, how, descriptor, &event);
        seen.registered = events;
    }

    static int on_socket(CURL* easy, curl_socket_t descriptor, int what, void* self, void*) {
        auto& mine = *static_cast<downloader*>(self);
        if (static_cast<std::size_t>(descriptor) >= mine.watched_.size()) {
            mine.watched_.resize(static_cast<std::size_t>(descriptor) + 1024);
        }
        socket_watch& seen = mine.watched_[static_cast<std::size_t>(descriptor)];
        seen.wanted = what == CURL_POLL_REMOVE ? 0
                      : what == CURL_POLL_IN   ? EPOLLIN
                      : what == CURL_POLL_OUT  ? EPOLLOUT
                                               : EPOLLIN | EPOLLOUT;
        if (seen.wanted == 0) return 0;  // Between two transfers the socket stays in epoll.
        transfer* one = nullptr;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &one);
        seen.of = one->of;
        if (seen.wanted != seen.registered) mine.set_registered(descriptor, seen, seen.wanted);
        return 0;
    }

    static int on_timer(CURLM*, long milliseconds, void* of) {
        auto& timer = static_cast<shard*>(of)->timer;
        if (milliseconds < 0) {
            timer.reset();
        } else {
            timer = timer_clock::now() + std::chrono::milliseconds(milliseconds);
        }
        return 0;
    }

    static int on_close(void* self, curl_socket_t descriptor) {
        auto& watched = static_cast<downloader*>(self)->watched_;
        if (static_cast<std::size_t>(descriptor) < watched.size()) {
            watched[static_cast<std::size_t>(descriptor)] = {};
        }
        return close(descriptor);
    }

    static std::size_t on_body(const char* bytes, std::size_t, std::size_t size, void* to) {
        auto& one = *static_cast<transfer*>(to);
        if (one.size + size + page_padding > one.body.size()) one.body.resize(2 * (one.size + size) + page_padding);
        std::memcpy(one.body.data() + one.size, bytes, size);
        one.size += size;
        return size;
    }

    const job& job_;
    copy_writer& to_;
    int epoll_ = epoll_create1(EPOLL_CLOEXEC);
    std::array<shard, shard_count> shards_;
    std::vector<transfer> transfers_;
    std::vector<socket_watch> watched_;
    page_rows reader_;
    std::string lines_;
    std::size_t rows_ = 0;
    std::int64_t next_ = 0;
    std::int64_t done_ = 0;
};

}  // namespace

int main() {
    const job told = job_from_environment();
    curl_global_init(CURL_GLOBAL_ALL);
    copy_writer to(told.database_url);
    try {
        downloader(told, to).run();
    } catch (const simdjson::simdjson_error& error) {
        give_up(error.what());
    }
    to.finish();
}
