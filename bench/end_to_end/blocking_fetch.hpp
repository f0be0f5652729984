#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>

namespace bench_job {

/// Fetches pages one after the other over one kept connection. Ends the program if anything goes wrong. For the simple
/// contenders. One thread at a time.
class blocking_fetch {
public:
    explicit blocking_fetch(std::string base_url);

    /// The page's body, with room for the padding behind it, until the next call.
    const std::string& page(std::int64_t number);

private:
    struct closer {
        void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
    };
    std::string base_url_;
    std::unique_ptr<CURL, closer> easy_;
    std::string body_;
};

}  // namespace bench_job
