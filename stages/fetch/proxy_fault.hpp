#pragma once

#include <curl/curl.h>

#include <optional>
#include <string>

#include "classify.hpp"
#include "proxy_address.hpp"

namespace penstock::fetch_stage {

/// What there is to know about the way through a proxy when an attempt has failed.
struct proxied_facts {
    proxy_address::kind scheme = proxy_address::kind::http;
    bool tunnel = false;                ///< The target was to be reached through CONNECT.
    bool new_connection = false;        ///< The attempt made its connection; a kept one stood already.
    bool connected = false;             ///< The proxy itself was reached.
    int connect_code = 0;               ///< What the proxy answered to CONNECT; 0 if nothing.
    CURLproxycode refusal = CURLPX_OK;  ///< What a SOCKS proxy said.
};

/// Why a proxy is to blame.
struct proxy_fault {
    fault_scope scope = fault_scope::whole;
    std::string what;
    bool never_sent = true;  ///< There was no way by which anything of the request could have come to the target.
};

/// Tells whether a failed attempt is to be blamed on its proxy; nothing if it is not. Until there is a way to the
/// target, whatever goes wrong is the proxy's fault. Without I/O. Throws `std::bad_alloc`.
std::optional<proxy_fault> find_proxy_fault(const attempt_facts& facts, const proxied_facts& way);

}  // namespace penstock::fetch_stage
