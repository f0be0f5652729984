#include <algorithm>
#include <new>
#include <utility>

#include "ascii.hpp"
#include "request_headers.hpp"
#include "request_rules.hpp"
#include "split_url.hpp"
#include "transfer.hpp"

// How libcurl is told what is asked: headers, method and body. Nothing is set again for one GET after the other.
namespace penstock::fetch_stage {

/// Null if those of the options are all.
header_list transfer::own_headers(bool safe_only) const {
    if (plain_ && !work->has_fields && !safe_only && around_.session == nullptr) return nullptr;
    const request& asked = work->asked();
    const fetch_options& options = around_.options;
    if (around_.session != nullptr) {
        const auto fields = around_.session->fields();
        return with_cookies(make_header_list(*fields, asked, options.compression, safe_only, with_body_),
                            around_.session->cookies_for(url(), work->through.exit));
    }
    if (!plain_) return make_header_list(options.headers, asked, options.compression, safe_only, with_body_);
    return make_header_list(options.headers, asked.headers, options.compression, safe_only);
}

void transfer::use_headers(header_list own) {
    if (own == nullptr && own_headers_ == nullptr) return;
    curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, own == nullptr ? around_.headers : own.get());
    own_headers_ = std::move(own);
}

void transfer::keep_cookies() const {
    if (around_.session != nullptr) around_.session->keep_cookies(head_.text(), url(), work->through.exit);
}

void transfer::use_verification() noexcept {
    const auto& hosts = around_.options.insecure_skip_verify;
    if (hosts.empty()) return;
    const split_url to = split(url());
    const bool skip =
        std::any_of(hosts.begin(), hosts.end(), [&](const auto& host) { return same_name(host, to.host); });
    unverified_ = skip && to.tls;
    curl_easy_setopt(easy_.get(), CURLOPT_SSL_VERIFYPEER, skip ? 0L : 1L);
    curl_easy_setopt(easy_.get(), CURLOPT_SSL_VERIFYHOST, skip ? 0L : 2L);
}

void transfer::use_method() {
    const bool get = plain_ || (method_ == "GET" && !with_body_);
    if (get && set_to_get_) return;
    set_to_get_ = false;  // Should one of these fail.
    CURL* const easy = easy_.get();
    bool well = true;
    const auto set = [&](CURLoption option, auto value) {
        well = well && curl_easy_setopt(easy, option, value) == CURLE_OK;
    };
    const request& asked = work->asked();
    // The body first, for libcurl takes it for an order to POST, also when there is none.
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(asked.body.bytes.size()));
    set(CURLOPT_POSTFIELDS, with_body_ ? asked.body.bytes.c_str() : nullptr);
    set(with_body_ ? CURLOPT_POST : CURLOPT_HTTPGET, 1L);
    const bool head = method_ == "HEAD" && !with_body_;
    if (head) set(CURLOPT_NOBODY, 1L);
    const bool by_itself = get || head || (method_ == "POST" && with_body_);
    set(CURLOPT_CUSTOMREQUEST, by_itself ? nullptr : std::string(method_).c_str());
    // What dies on a kept connection before its first answer, and what an HTTP/2 server refuses, libcurl sends again.
    // The key does not go to another origin.
    sends_once_ = !is_idempotent(method_) && (asked.idempotency_key.empty() || safe_headers_only_);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(sends_once_ ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
    if (!well) throw std::bad_alloc();
    set_to_get_ = get;
}

void transfer::use_connections() noexcept {
    // A connection of HTTP/2 outlives the streams that run out of time on it.
    const bool stuck = work->stuck && hops_ == 0;
    // What goes alone leaves no connection: they would pile up, and grow old together.
    const bool alone = sends_once_ || work->through.as_stranger();
    const bool anew = alone || stuck;
    if (!std::exchange(connects_anew_, anew) && !anew) return;
    curl_easy_setopt(easy_.get(), CURLOPT_FRESH_CONNECT, anew ? 1L : 0L);
    curl_easy_setopt(easy_.get(), CURLOPT_FORBID_REUSE, alone ? 1L : 0L);
}

bool transfer::may_be_sent_again() const noexcept {
    if (sent_once_) return false;
    if (!sends_once_) return true;
    long sent = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &sent);
    return sent == 0;
}

}  // namespace penstock::fetch_stage
