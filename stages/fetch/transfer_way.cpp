#include <sys/socket.h>

#include <new>

#include "identity_set.hpp"
#include "split_url.hpp"
#include "transfer.hpp"

// Which way a transfer goes: what libcurl is told of a proxy, and what is to be known of it afterwards.
namespace penstock::fetch_stage {

namespace {

/// libcurl takes the schemes of a URL of its own; https stands for one that is shown the same.
long proxy_type(proxy_address::kind scheme) noexcept {
    switch (scheme) {
        case proxy_address::kind::http: return CURLPROXY_HTTP;
        case proxy_address::kind::https: return CURLPROXY_HTTPS;
        case proxy_address::kind::socks4: return CURLPROXY_SOCKS4;
        case proxy_address::kind::socks4a: return CURLPROXY_SOCKS4A;
        case proxy_address::kind::socks5: return CURLPROXY_SOCKS5;
        case proxy_address::kind::socks5h: return CURLPROXY_SOCKS5_HOSTNAME;
    }
    return CURLPROXY_HTTP;
}

bool is_connected(int fd) noexcept {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    return fd >= 0 && ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

}  // namespace

/// What stays the same as long as the proxy and the session do is set once for them.
void transfer::use_way(const way& through) {
    if (through.proxy == nullptr) return;  // The same for all attempts of a run.
    CURL* const easy = easy_.get();
    bool well = true;
    const auto set = [&](CURLoption option, auto value) {
        well = well && curl_easy_setopt(easy, option, value) == CURLE_OK;
    };
    const std::uint64_t id = through.as != nullptr ? through.as->id : 0;
    if (id == 0 || id != way_id_) {
        served_ = false;
        way_id_ = 0;  // libcurl knows only a part of the way, should one of these fail.
        const proxy_address& proxy = *through.proxy;
        set(CURLOPT_PROXY, proxy.shown().c_str());
        set(CURLOPT_PROXYTYPE, proxy_type(proxy.scheme()));
        set(CURLOPT_PROXYUSERNAME, proxy.has_login() ? proxy.user(through.session()).c_str() : nullptr);
        set(CURLOPT_PROXYPASSWORD, proxy.has_login() ? proxy.password(through.session()).c_str() : nullptr);
        set(CURLOPT_HTTPPROXYTUNNEL, through.tunnel && !proxy.is_socks() ? 1L : 0L);
        set(CURLOPT_SSL_SESSIONID_CACHE, id == 0 ? 0L : 1L);
        if (well) way_id_ = id;
    }
    set(CURLOPT_SHARE, through.as != nullptr ? through.as->share.get() : around_.share);
    shares_identity_ = through.as != nullptr;
    if (!well) throw std::bad_alloc();
}

/// An identity may go when nothing knows its share any more.
void transfer::leave_way() noexcept {
    if (!shares_identity_) return;
    shares_identity_ = false;
    curl_easy_setopt(easy_.get(), CURLOPT_SHARE, nullptr);
}

proxied_facts transfer::way_facts(const way& through) const noexcept {
    CURL* const easy = easy_.get();
    const auto read = [&](CURLINFO what) {
        long value = 0;
        curl_easy_getinfo(easy, what, &value);
        return value;
    };
    curl_off_t connect_time = 0;
    curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connect_time);
    proxied_facts facts;
    facts.scheme = through.proxy->scheme();
    facts.tunnel = !through.proxy->is_socks() && (through.tunnel || split(url()).tls);
    facts.new_connection = made_connection_;
    // Some versions tell the time only when the whole way stands.
    facts.connected = connect_time > 0 || is_connected(opened_);
    facts.connect_code = static_cast<int>(read(CURLINFO_HTTP_CONNECTCODE));
    facts.refusal = static_cast<CURLproxycode>(read(CURLINFO_PROXY_ERROR));
    return facts;
}

}  // namespace penstock::fetch_stage
