// Where libcurl's memory comes from in a program that leaves it to penstock to make libcurl ready.
#include <curl/curl.h>
#include <gtest/gtest.h>

#include "stages/fetch/curl_handles.hpp"
#include "stages/fetch/curl_memory.hpp"

namespace {

namespace ps = penstock;

TEST(libcurl_memory, what_a_handle_has_freed_is_kept_for_the_next) {
    ps::fetch_stage::start_curl();
    ps::fetch_stage::curl_memory memory(std::size_t{1} << 20);
    for (int times = 0; times < 10; ++times) {
        const ps::fetch_stage::easy_handle easy(curl_easy_init());
        ASSERT_NE(easy, nullptr);
        for (int texts = 0; texts < 10; ++texts) {
            const ps::fetch_stage::curl_text text(curl_easy_escape(easy.get(), "a text of some length", 0));
            EXPECT_STREQ(text.get(), "a%20text%20of%20some%20length");
        }
    }
    const std::size_t kept = memory.kept();
    EXPECT_EQ(kept > 0, ps::fetch_stage::curl_memory::fits_malloc());
    const ps::fetch_stage::easy_handle next(curl_easy_init());
    EXPECT_EQ(memory.kept() < kept, ps::fetch_stage::curl_memory::fits_malloc());
}

}  // namespace
