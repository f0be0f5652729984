#include <utility>

#include "request_headers.hpp"
#include "request_rules.hpp"
#include "transfer.hpp"

// How libcurl is told what is asked: headers, method and body. Nothing is set again for one GET after the other.
namespace penstock::fetch_stage {

/// Null if those of the options are all.
header_list transfer::own_headers(bool safe_only) const {
    const request& asked = work->asked();
    const fetch_options& options = around_.options;
    if (!is_plain(asked)) return make_header_list(options.headers, asked, options.compression, safe_only, with_body_);
    if (asked.headers.empty() && !safe_only) return nullptr;
    return make_header_list(options.headers, asked.headers, options.compression, safe_only);
}

void transfer::use_headers(header_list own) {
    if (own == nullptr && own_headers_ == nullptr) return;
    curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, own == nullptr ? around_.headers : own.get());
    own_headers_ = std::move(own);
}

void transfer::use_method() {
    const bool get = method_ == "GET" && !with_body_;
    if (get && std::exchange(set_to_get_, true)) return;
    set_to_get_ = get;
    CURL* const easy = easy_.get();
    const request& asked = work->asked();
    // The body first, for libcurl takes it for an order to POST, also when there is none.
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(asked.body.bytes.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, with_body_ ? asked.body.bytes.c_str() : nullptr);
    curl_easy_setopt(easy, with_body_ ? CURLOPT_POST : CURLOPT_HTTPGET, 1L);
    const bool head = method_ == "HEAD" && !with_body_;
    if (head) curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    const bool by_itself = get || head || (method_ == "POST" && with_body_);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, by_itself ? nullptr : std::string(method_).c_str());
    // What dies on a kept connection before its first answer, and what an HTTP/2 server refuses, libcurl sends again.
    const bool once = !get && !may_be_repeated(asked);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, once ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, once ? 1L : 0L);  // Or they would pile up, and grow old together.
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     static_cast<long>(once ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
}

bool transfer::may_be_sent_again() const noexcept {
    if (may_be_repeated(work->asked())) return true;
    long sent = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &sent);
    return hops_ == 0 && sent == 0;
}

}  // namespace penstock::fetch_stage
