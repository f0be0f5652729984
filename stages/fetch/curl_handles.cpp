#include "curl_handles.hpp"

#include <stdexcept>

namespace penstock::fetch_stage {

void start_curl() {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (started != CURLE_OK) throw std::runtime_error("fetch: libcurl could not be started");
}

}  // namespace penstock::fetch_stage
