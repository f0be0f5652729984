#pragma once

#include <vector>

#include "curl_handles.hpp"
#include "retry_policy.hpp"
#include "socket_set.hpp"

namespace penstock::fetch_stage {

/// Several multi handles in one event loop. libcurl looks through all connections of a multi handle for each request,
/// so many small ones are much cheaper than a large one. They share names and TLS sessions; the connections they keep
/// are their own. One thread.
class multi_set {
public:
    /// Each multi handle keeps so many connections, or each identity does if there are `identities`. `sockets` must
    /// outlive the set. Throws `std::bad_alloc`.
    multi_set(std::size_t count, std::size_t connections, bool identities, socket_set& sockets);
    multi_set(const multi_set&) = delete;
    multi_set& operator=(const multi_set&) = delete;

    std::size_t size() const noexcept { return multis_.size(); }
    CURLSH* share() const noexcept { return share_.get(); }

    bool add(unsigned multi, CURL* easy) noexcept;
    void remove(unsigned multi, CURL* easy) noexcept;

    /// Time stands still between two calls: the clock is read once a round of the loop.
    void set_time(time_point now) noexcept { now_ = now; }
    void act(const socket_set::event& on) noexcept;
    /// Runs what is due.
    void act_on_timers() noexcept;
    time_point next_timer() const noexcept;

    /// Calls `ended(CURL*, CURLcode)` for each transfer that has ended, already removed. It may add others.
    template <class Ended>
    void harvest(Ended&& ended) {
        for (one& each : multis_) {
            if (!each.touched) continue;
            each.touched = false;
            int left = 0;
            while (const CURLMsg* const message = curl_multi_info_read(each.handle.get(), &left)) {
                if (message->msg != CURLMSG_DONE) continue;
                CURL* const easy = message->easy_handle;
                const CURLcode result = message->data.result;  // The message dies with the removal.
                curl_multi_remove_handle(each.handle.get(), easy);
                ended(easy, result);
            }
        }
    }

private:
    struct one {
        multi_set* set = nullptr;
        unsigned number = 0;
        bool touched = false;
        time_point timer = time_point::max();
        multi_handle handle;
    };
    void act(one& each, curl_socket_t fd, int bits) noexcept;
    static int on_socket(CURL* easy, curl_socket_t fd, int what, void* multi, void* socket) noexcept;
    static int on_timer(CURLM* handle, long milliseconds, void* multi) noexcept;

    socket_set& sockets_;
    time_point now_{};
    share_handle share_;
    std::vector<one> multis_;
};

}  // namespace penstock::fetch_stage
