#include "classify.hpp"

#include <algorithm>
#include <string>

namespace penstock::fetch_stage {

namespace {

verdict make(error_kind kind, std::string what, const attempt_facts& facts, bool worth_a_retry) {
    if (!facts.detail.empty()) {
        what += " (";
        what += facts.detail;
        what += ')';
    }
    what += ": ";
    what += facts.url;
    return {{kind, std::move(what)}, worth_a_retry};
}

attempt_facts without_detail(attempt_facts facts) noexcept {
    facts.detail = {};
    return facts;
}

std::optional<verdict> judge_trouble(const attempt_facts& facts, const fetch_options& options) {
    switch (facts.seen) {
        case trouble::no_memory: return make(error_kind::local_resource, "out of memory while receiving", facts, true);
        case trouble::body_too_large:
            return make(error_kind::too_large,
                        "body longer than max_body, " + std::to_string(options.max_body) + " bytes", facts, false);
        case trouble::head_too_large:
            return make(error_kind::too_large,
                        "head longer than max_head, " + std::to_string(options.max_head) + " bytes", facts, false);
        case trouble::contradictory_head:
            return make(error_kind::truncated, "no telling where the answer ends, for its head contradicts itself",
                        facts, false);
        case trouble::none:
        case trouble::body_not_wanted: return std::nullopt;
    }
    return std::nullopt;
}

verdict judge_status(const attempt_facts& facts, const fetch_options& options) {
    const bool again = std::find(options.retry_on_status.begin(), options.retry_on_status.end(), facts.status)
                       != options.retry_on_status.end();
    std::string reason = std::to_string(facts.status);
    if (facts.status >= 300 && facts.status < 400 && facts.status != 304) reason += " without a target to follow";
    reason += " from ";
    reason += facts.url;
    return {{error_kind::bad_status, std::move(reason)}, again};
}

/// A header line above libcurl's own limit. Before 8.6 its word for that is "out of memory".
bool is_libcurls_head_limit(const attempt_facts& facts) {
#if LIBCURL_VERSION_NUM >= 0x080600
    if (facts.result == CURLE_TOO_LARGE) return !facts.head_complete;
#endif
    return facts.result == CURLE_OUT_OF_MEMORY && !facts.head_complete && facts.reached == phase::receiving;
}

/// True if the two sides cannot agree (versions, ciphers, no TLS at all): OpenSSL names its error then. A connection
/// that was merely lost in the handshake has another text, or that of an unexpected end.
bool cannot_agree(const attempt_facts& facts) {
    return facts.detail.find("error:") != std::string_view::npos
           && facts.detail.find("unexpected eof") == std::string_view::npos;
}

verdict judge_result(const attempt_facts& facts) {
    if (is_libcurls_head_limit(facts)) {
        return make(error_kind::too_large, "head line longer than 100 KB", without_detail(facts), false);
    }
    switch (facts.result) {
        case CURLE_OPERATION_TIMEDOUT:
            return make(error_kind::timeout, "timeout while " + std::string(to_string(facts.reached)), facts, true);
        case CURLE_COULDNT_RESOLVE_HOST: return make(error_kind::request, "host name not resolved", facts, true);
        case CURLE_COULDNT_CONNECT: return make(error_kind::request, "no connection", facts, true);
        case CURLE_PEER_FAILED_VERIFICATION:
            return make(error_kind::request, "TLS certificate not trusted", facts, false);
        case CURLE_SSL_CACERT_BADFILE: return make(error_kind::request, "CA certificates not readable", facts, false);
        case CURLE_SSL_CONNECT_ERROR:
            return make(error_kind::request, "TLS handshake failed", facts, !cannot_agree(facts));
        case CURLE_URL_MALFORMAT:
        case CURLE_BAD_FUNCTION_ARGUMENT:
            return make(error_kind::request, "request not understood by libcurl", facts, false);
        case CURLE_OUT_OF_MEMORY: return make(error_kind::local_resource, "out of memory", facts, true);
        case CURLE_BAD_CONTENT_ENCODING: return make(error_kind::truncated, "body not decodable", facts, true);
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL: return make(error_kind::truncated, "answer is not HTTP", facts, true);
        case CURLE_PARTIAL_FILE: return make(error_kind::truncated, "answer cut", facts, true);
        case CURLE_RECV_ERROR:
            if (facts.detail.starts_with("Too large response headers")) {
                return make(error_kind::too_large, "head too long for libcurl", facts, false);
            }
            [[fallthrough]];
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_HTTP2:
        case CURLE_HTTP2_STREAM:
            if (facts.reached == phase::receiving) return make(error_kind::truncated, "answer cut", facts, true);
            return make(error_kind::request, "connection lost while " + std::string(to_string(facts.reached)), facts,
                        true);
        default:
            return make(error_kind::other, std::string("libcurl: ") + curl_easy_strerror(facts.result), facts, true);
    }
}

std::optional<verdict> judge(const attempt_facts& facts, const fetch_options& options) {
    if (auto judged = judge_trouble(facts, options)) return judged;
    // A bad status stands even if its body did not arrive: the body would not have been used.
    if (facts.head_complete && (facts.status < 200 || facts.status > 299)) return judge_status(facts, options);
    if (facts.address_denied && facts.result != CURLE_OK) {
        return make(error_kind::request, "no connection, for deny_private_ranges forbids its address",
                    without_detail(facts), false);
    }
    if (facts.local_shortage && facts.result != CURLE_OK) {
        return make(error_kind::local_resource,
                    "no descriptor or thread left in this process; raise its limits or lower queue_size", facts, true);
    }
    if (facts.result != CURLE_OK) return judge_result(facts);
    if (!facts.head_complete) return make(error_kind::truncated, "answer ended before its head did", facts, true);
    return std::nullopt;
}

}  // namespace

std::string_view to_string(phase reached) noexcept {
    switch (reached) {
        case phase::resolving: return "resolving the host's name";
        case phase::connecting: return "connecting";
        case phase::securing: return "shaking hands for TLS";
        case phase::waiting: return "waiting for the answer";
        case phase::receiving: return "receiving the answer";
    }
    return "connecting";
}

std::optional<verdict> classify(const attempt_facts& facts, const fetch_options& options) {
    std::optional<verdict> judged = judge(facts, options);
    if (judged) {
        judged->why.status = facts.status;
        judged->why.connection_reset = facts.connection_reset;
    }
    return judged;
}

}  // namespace penstock::fetch_stage
