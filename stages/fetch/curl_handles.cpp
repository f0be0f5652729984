#include "curl_handles.hpp"

#include <stdexcept>

#include "curl_memory.hpp"

namespace penstock::fetch_stage {

namespace {

CURLcode start() noexcept {
    if (!curl_memory::fits_malloc()) return curl_global_init(CURL_GLOBAL_DEFAULT);
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, &curl_memory::allocate, &curl_memory::release,
                                &curl_memory::resize, &curl_memory::copy, &curl_memory::allocate_zeroed);
}

}  // namespace

void start_curl() {
    static const CURLcode started = start();
    if (started != CURLE_OK) throw std::runtime_error("fetch: libcurl could not be started");
}

}  // namespace penstock::fetch_stage
