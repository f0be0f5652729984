#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "fake_run.hpp"
#include "penstock/testing/http_server.hpp"

namespace penstock::testing {

/// A fetch stage at work in a fake run, closed at its end, with short pauses in its options. Its timeouts are for a
/// machine that is busy with other things: a test of theirs gives its own.
struct working_fetch {
    explicit working_fetch(fetch_options options = quick(), fake_run::options how = {},
                           std::shared_ptr<penstock::detail::session> keeps = nullptr)
        : run(how), feed(penstock::detail::make_fetch(std::move(options), std::move(keeps))) {
        feed->open(run);
    }
    ~working_fetch() { feed->close(); }

    static fetch_options quick() {
        using namespace std::chrono_literals;
        return {.timeout = 10s, .connect_timeout = 5s, .retries = 2, .backoff = 5ms, .max_backoff = 20ms};
    }

    penstock::detail::slot& admit(std::string url) { return run.admit(*feed, {.url = std::move(url)}); }

    /// Fetches one URL to its end.
    penstock::detail::slot& get(request asked) {
        auto& item = run.admit(*feed, std::move(asked));
        const std::size_t wanted = ++admitted_;
        EXPECT_EQ(run.wait_for(wanted).size(), wanted);
        return item;
    }
    penstock::detail::slot& get(std::string url) { return get(request{.url = std::move(url)}); }

    penstock::detail::metric_block::fetch_block& figures() { return run.metrics().fetch; }

    fake_run run;
    std::unique_ptr<penstock::detail::any_feed> feed;

private:
    std::size_t admitted_ = 0;
};

/// 100,000 zeros as gzip.
inline std::string gzip_bomb() {
    using namespace std::string_literals;
    return "\x1f\x8b\x08\0\0\0\0\0\x02\x03\xed\xc1\x31\x01\0\0\0\xc2\xa0\xf5\x4f\x6d\x0d\x0f\xa0"s
           + std::string(96, '\0') + "\x80\x57\x03\x7d\x95\x11\xd4\xa0\x86\x01\0"s;
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace penstock::testing
