#pragma once

#include <curl/curl.h>

#include <memory>

namespace penstock::fetch_stage {

/// libcurl's things, each freed by its own function.
struct curl_deleter {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct multi_deleter {
    void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};
struct share_deleter {
    void operator()(CURLSH* share) const noexcept { curl_share_cleanup(share); }
};
struct url_deleter {
    void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
struct header_list_deleter {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
struct curl_text_deleter {
    void operator()(char* text) const noexcept { curl_free(text); }
};

using easy_handle = std::unique_ptr<CURL, curl_deleter>;
using multi_handle = std::unique_ptr<CURLM, multi_deleter>;
using share_handle = std::unique_ptr<CURLSH, share_deleter>;
using url_handle = std::unique_ptr<CURLU, url_deleter>;
using header_list = std::unique_ptr<curl_slist, header_list_deleter>;
using curl_text = std::unique_ptr<char, curl_text_deleter>;

/// Makes libcurl ready, once for the process, with `curl_memory` for its memory unless another part of the program has
/// made it ready before. It is never shut down: other parts may be using it. Any thread. Throws `std::runtime_error`.
void start_curl();

}  // namespace penstock::fetch_stage
