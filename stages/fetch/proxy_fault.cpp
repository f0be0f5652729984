#include "proxy_fault.hpp"

#include <string_view>

namespace penstock::fetch_stage {

namespace {

constexpr int login_wanted = 407;

bool is_http(proxy_address::kind scheme) noexcept {
    return scheme == proxy_address::kind::http || scheme == proxy_address::kind::https;
}

proxy_fault whole(std::string what) { return {fault_scope::whole, std::move(what)}; }
proxy_fault of_target(std::string what) { return {fault_scope::target, std::move(what)}; }

/// A SOCKS proxy's own words, where they are not about the target.
bool concerns_all(CURLproxycode refusal) noexcept {
    switch (refusal) {
        case CURLPX_BAD_ADDRESS_TYPE:
        case CURLPX_BAD_VERSION:
        case CURLPX_CLOSED:
        case CURLPX_GSSAPI:
        case CURLPX_GSSAPI_PERMSG:
        case CURLPX_GSSAPI_PROTECTION:
        case CURLPX_IDENTD:
        case CURLPX_IDENTD_DIFFER:
        case CURLPX_LONG_PASSWD:
        case CURLPX_LONG_USER:
        case CURLPX_NO_AUTH:
        case CURLPX_RECV_AUTH:
        case CURLPX_RECV_CONNECT:
        case CURLPX_SEND_AUTH:
        case CURLPX_SEND_CONNECT:
        case CURLPX_UNKNOWN_FAIL:
        case CURLPX_UNKNOWN_MODE:
        case CURLPX_USER_REJECTED: return true;
        default: return false;
    }
}

/// What comes back in place of TLS, or of an answer in HTTP, on a tunnel that has just been made: most likely the page
/// of a portal, which takes CONNECT for any other request.
bool is_no_tunnel(const attempt_facts& facts, const proxied_facts& way) noexcept {
    if (!way.tunnel || !way.new_connection || facts.head_complete) return false;
    const bool tunnel_stands = !is_http(way.scheme) || way.connect_code != 0;  // Or it is the proxy that speaks no TLS.
    const bool not_tls = tunnel_stands && facts.result == CURLE_SSL_CONNECT_ERROR
                         && (facts.detail.find("wrong version number") != std::string_view::npos
                             || facts.detail.find("packet length too long") != std::string_view::npos);
    return not_tls || facts.result == CURLE_UNSUPPORTED_PROTOCOL || facts.result == CURLE_WEIRD_SERVER_REPLY;
}

/// What went wrong on the way to the target; nothing if the way stood.
std::optional<proxy_fault> on_the_way(const attempt_facts& facts, const proxied_facts& way) {
    const bool timed_out = facts.result == CURLE_OPERATION_TIMEDOUT;
    if (!way.new_connection) {
        // A kept connection is there at once, so this one was still to come: the proxy's name is being resolved.
        if (!timed_out || facts.reached >= phase::waiting) return std::nullopt;
        return whole("no connection to the proxy in time");
    }
    if (way.tunnel && way.connect_code != 0) {
        // libcurl's words; its code is the same for a target that breaks off.
        const bool cut = facts.detail.find("CONNECT") != std::string_view::npos;
        return cut ? std::optional(whole("the proxy cut its answer to CONNECT")) : std::nullopt;
    }
    const bool no_tls = facts.result == CURLE_SSL_CONNECT_ERROR || facts.result == CURLE_PEER_FAILED_VERIFICATION;
    if (no_tls && way.scheme == proxy_address::kind::https) return whole("no TLS with the proxy");
    if (!way.connected) return whole(timed_out ? "no connection to the proxy in time" : "no connection to the proxy");
    if (is_http(way.scheme)) {
        if (!way.tunnel) return std::nullopt;
        return whole(timed_out ? "the proxy did not answer CONNECT in time" : "the proxy did not answer CONNECT");
    }
    // libcurl does not tell how far a handshake of SOCKS has come, only that nothing was sent to the target yet.
    if (!timed_out || facts.reached >= phase::waiting) return std::nullopt;
    return of_target("the proxy gave no way to the target in time");
}

}  // namespace

std::optional<proxy_fault> find_proxy_fault(const attempt_facts& facts, const proxied_facts& way) {
    if (facts.local_shortage || facts.seen == trouble::no_memory || facts.result == CURLE_OUT_OF_MEMORY) {
        return std::nullopt;
    }
    if (way.connect_code == login_wanted || (is_http(way.scheme) && !way.tunnel && facts.status == login_wanted)) {
        return whole("407: the proxy wants a login, or another one");
    }
    if (facts.head_complete) return std::nullopt;
    if (way.tunnel && way.connect_code != 0 && (way.connect_code < 200 || way.connect_code > 299)) {
        return of_target("the proxy answered " + std::to_string(way.connect_code) + " to CONNECT");
    }
    switch (facts.result) {
        case CURLE_OK: return std::nullopt;
        case CURLE_COULDNT_RESOLVE_PROXY: return whole("the proxy's name was not resolved");
        case CURLE_COULDNT_CONNECT: return whole("no connection to the proxy");
        case CURLE_PROXY:
            if (way.refusal == CURLPX_RESOLVE_HOST) return std::nullopt;  // It was looked up here.
            return concerns_all(way.refusal) ? whole("the proxy refused the handshake or the login")
                                             : of_target("the proxy refused to connect to the target");
        default: break;
    }
    if (is_no_tunnel(facts, way)) {
        return proxy_fault{fault_scope::target, "what came through the proxy's tunnel is not the target's protocol",
                           false};
    }
    switch (facts.result) {
        case CURLE_OPERATION_TIMEDOUT:
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
        case CURLE_GOT_NOTHING:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION: return on_the_way(facts, way);
        default: return std::nullopt;
    }
}

}  // namespace penstock::fetch_stage
