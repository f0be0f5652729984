// What becomes of a request when libcurl has no memory for a part of it. libcurl has an allocator of this program's,
// which made it ready before penstock could.
#include <curl/curl.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "working_fetch.hpp"

namespace penstock::testing {
namespace {

std::atomic<const char*> too_much{nullptr};  ///< There is no memory for a copy of this text.

char* copy(const char* text) {
    const char* const refused = too_much;
    return refused != nullptr && std::strcmp(text, refused) == 0 ? nullptr : ::strdup(text);
}

/// Before anything else makes libcurl ready.
const CURLcode begun =
    curl_global_init_mem(CURL_GLOBAL_DEFAULT, &std::malloc, &std::free, &std::realloc, &copy, &std::calloc);

TEST(fetch_memory, a_method_that_libcurl_has_no_room_for_is_not_sent_as_another) {
    ASSERT_EQ(begun, CURLE_OK);
    http_server server([](const http_request& asked) { return text(asked.method); });
    working_fetch work;
    for (const char* method : {"DELETE", "PUT", "PATCH"}) {
        too_much = method;
        auto& item = work.get({.url = server.url("/x"), .method = method, .idempotency_key = "key"});
        EXPECT_EQ(item.why().kind, error_kind::local_resource) << method << item.why().reason;
        EXPECT_EQ(server.requests("/x"), 0U) << method;
        too_much = nullptr;
        EXPECT_EQ(page_of(work.get(server.url("/y"))).body(), "GET");
        EXPECT_EQ(page_of(work.get({.url = server.url("/y"), .method = method})).body(), method);
    }
}

TEST(fetch_memory, a_proxy_that_libcurl_had_no_room_for_is_not_left_out_by_the_next_request) {
    ASSERT_EQ(begun, CURLE_OK);
    http_server server([](const http_request& asked) { return text(asked.target); });
    http_server without([](const http_request& asked) { return text("asked directly for " + asked.target); });
    std::string proxy = server.url();
    proxy.pop_back();
    fetch_options options = working_fetch::quick();
    options.proxies = {proxy};
    working_fetch work(options);
    too_much = proxy.c_str();
    auto& item = work.get(without.url("/x"));
    too_much = nullptr;
    EXPECT_EQ(item.why().kind, error_kind::local_resource) << item.why().reason;
    auto& next = work.get(without.url("/y"));
    ASSERT_TRUE(has_page(next)) << next.why().reason;
    EXPECT_EQ(page_of(next).body(), without.url("/y"));
    EXPECT_EQ(without.connections(), 0U);
}

}  // namespace
}  // namespace penstock::testing
