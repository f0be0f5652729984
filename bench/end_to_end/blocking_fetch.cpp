#include "blocking_fetch.hpp"

#include <utility>

#include "page_rows.hpp"
#include "workload.hpp"

namespace bench_job {

namespace {

std::size_t append_body(const char* bytes, std::size_t, std::size_t size, void* to) {
    static_cast<std::string*>(to)->append(bytes, size);
    return size;
}

}  // namespace

blocking_fetch::blocking_fetch(std::string base_url) : base_url_(std::move(base_url)), easy_(curl_easy_init()) {
    curl_easy_setopt(easy_.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy_.get(), CURLOPT_WRITEFUNCTION, &append_body);
    curl_easy_setopt(easy_.get(), CURLOPT_WRITEDATA, &body_);
}

const std::string& blocking_fetch::page(std::int64_t number) {
    body_.clear();
    curl_easy_setopt(easy_.get(), CURLOPT_URL, (base_url_ + path_of(number)).c_str());
    if (const CURLcode result = curl_easy_perform(easy_.get()); result != CURLE_OK) {
        give_up(curl_easy_strerror(result));
    }
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) give_up("status " + std::to_string(status));
    body_.reserve(body_.size() + page_padding);
    return body_;
}

}  // namespace bench_job
