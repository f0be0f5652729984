// What libcurl's manual shows: one multi handle, curl_multi_poll, and each easy handle used again for the next page.
#include <curl/curl.h>

#include <vector>

#include "workload.hpp"

namespace {

std::size_t drop(char*, std::size_t size, std::size_t count, void*) { return size * count; }

}  // namespace

int main(int count, char** arguments) {
    const workload work = read_arguments(count, arguments);
    const account costs(work);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM* const multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(work.in_flight) + 1);
    std::vector<CURL*> all;
    std::size_t next = 0;
    std::size_t arrived = 0;
    const auto begin = [&](CURL* easy) {
        if (next == work.requests) return;
        curl_easy_setopt(easy, CURLOPT_URL, work.url(next++).c_str());
        curl_multi_add_handle(multi, easy);
    };
    for (unsigned i = 0; i < work.in_flight; ++i) {
        CURL* const easy = all.emplace_back(curl_easy_init());
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &drop);
        begin(easy);
    }
    for (int running = 1; running != 0 || next != work.requests;) {
        curl_multi_perform(multi, &running);
        int left = 0;
        while (const CURLMsg* const message = curl_multi_info_read(multi, &left)) {
            CURL* const easy = message->easy_handle;
            long status = 0;
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            if (message->data.result == CURLE_OK && status == 200) ++arrived;
            curl_multi_remove_handle(multi, easy);
            begin(easy);
            running = 1;
        }
        if (running != 0) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
    }
    for (CURL* const easy : all) curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
    return costs.close(arrived);
}
