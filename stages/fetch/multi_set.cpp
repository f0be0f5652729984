#include "multi_set.hpp"

#include <algorithm>
#include <new>

namespace penstock::fetch_stage {

multi_set::multi_set(std::size_t count, std::size_t connections, bool identities, socket_set& sockets)
    : sockets_(sockets), share_(curl_share_init()), multis_(count) {
    bool well = share_ != nullptr;
    // Connections are not shared: that would make all multis one again.
    well = well && curl_share_setopt(share_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) == CURLSHE_OK;
    well = well && curl_share_setopt(share_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) == CURLSHE_OK;
    for (one& each : multis_) {
        each.set = this;
        each.number = static_cast<unsigned>(&each - multis_.data());
        each.handle.reset(curl_multi_init());
        CURLM* const handle = each.handle.get();
        well = well && handle != nullptr;
        const auto set = [&](CURLMoption option, auto value) {
            well = well && curl_multi_setopt(handle, option, value) == CURLM_OK;
        };
        set(CURLMOPT_MAXCONNECTS, static_cast<long>(connections));
        // An identity is used through many multi handles, and libcurl would count it as a whole for each of them.
        set(CURLMOPT_MAX_TOTAL_CONNECTIONS, identities ? 0L : static_cast<long>(connections));
        set(CURLMOPT_SOCKETFUNCTION, &on_socket);
        set(CURLMOPT_SOCKETDATA, &each);
        set(CURLMOPT_TIMERFUNCTION, &on_timer);
        set(CURLMOPT_TIMERDATA, &each);
    }
    if (!well) throw std::bad_alloc();
}

bool multi_set::add(unsigned multi, CURL* easy) noexcept {
    return curl_multi_add_handle(multis_[multi].handle.get(), easy) == CURLM_OK;
}

void multi_set::remove(unsigned multi, CURL* easy) noexcept {
    curl_multi_remove_handle(multis_[multi].handle.get(), easy);
}

void multi_set::act(one& each, curl_socket_t fd, int bits) noexcept {
    int running = 0;
    // Without memory libcurl stops half way and may not have said when to wake it: its timeouts would never come.
    if (curl_multi_socket_action(each.handle.get(), fd, bits, &running) != CURLM_OK) {
        each.timer = std::min(each.timer, now_ + std::chrono::milliseconds(100));
    }
    each.touched = true;
}

void multi_set::act(const socket_set::event& on) noexcept { act(multis_[on.multi], on.fd, on.bits); }

void multi_set::act_on_timers() noexcept {
    for (one& each : multis_) {
        if (each.timer > now_) continue;
        each.timer = time_point::max();
        act(each, CURL_SOCKET_TIMEOUT, 0);
    }
}

time_point multi_set::next_timer() const noexcept {
    time_point first = time_point::max();
    for (const one& each : multis_) first = std::min(first, each.timer);
    return first;
}

int multi_set::on_socket(CURL*, curl_socket_t fd, int what, void* multi, void*) noexcept {
    const one& each = *static_cast<one*>(multi);
    try {
        each.set->sockets_.watch(fd, what, each.number);
        return 0;
    } catch (...) {
        return -1;
    }
}

int multi_set::on_timer(CURLM*, long milliseconds, void* multi) noexcept {
    one& each = *static_cast<one*>(multi);
    each.timer = milliseconds < 0 ? time_point::max() : each.set->now_ + std::chrono::milliseconds(milliseconds);
    return 0;
}

}  // namespace penstock::fetch_stage
