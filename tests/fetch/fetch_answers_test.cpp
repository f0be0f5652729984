#include <curl/curl.h>

#include <vector>

#include "outcome_of.hpp"
#include "tests/bombs.hpp"

// What servers answer, fault by fault, beyond fetch_fault_test.cpp.
namespace penstock::testing {
namespace {

using namespace std::chrono_literals;

fetch_options hurried(unsigned retries = 1) {
    fetch_options options = working_fetch::quick();
    options.timeout = 500ms;
    options.retries = retries;
    return options;
}

TEST(fetch_answers, H1_a_head_that_trickles_ends_with_its_timeout_and_the_items) {
    const http_response trickle{.body = "x", .trickle_bytes = 1, .trickle_every = 50ms};
    const auto began = std::chrono::steady_clock::now();
    const outcome_of got(trickle, hurried());
    EXPECT_EQ(got.item.why().kind, error_kind::timeout) << got.item.why().reason;
    EXPECT_EQ(got.server.requests(), 2U);
    EXPECT_GE(std::chrono::steady_clock::now() - began, 1s);

    http_server server([&](const http_request&) { return trickle; });
    working_fetch work(hurried(50), {.item_timeout = 1200ms});
    auto& item = work.get(server.url());
    EXPECT_EQ(item.why().kind, error_kind::timeout);
    EXPECT_LE(server.requests(), 3U);
}

TEST(fetch_answers, H2_a_stall_behind_the_head_ends_with_its_timeout) {
    const outcome_of got({.body = std::string(10'000, 'x'), .stall_after = 500}, hurried(0));
    EXPECT_EQ(got.item.why().kind, error_kind::timeout);
    EXPECT_EQ(got.item.why().status, 200);
    EXPECT_TRUE(contains(got.item.why().reason, "while receiving the answer")) << got.item.why().reason;
}

TEST(fetch_answers, H3_what_is_shorter_or_worse_framed_than_it_says_is_truncated) {
    const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const http_response answers[] = {
        {.body = "x", .declared_length = 10, .close_after = true},
        raw(chunked + "zz\r\nx\r\n0\r\n\r\n"),
        raw(chunked + "5\r\nxxxxxxx\r\n0\r\n\r\n"),
        raw(chunked + "5\r\nxxxxx\r\n"),
        raw(chunked),
    };
    for (const http_response& answer : answers) {
        const outcome_of got(answer);
        ASSERT_TRUE(got.item.has_failed()) << *answer.raw;
        EXPECT_EQ(got.item.why().kind, error_kind::truncated) << got.item.why().reason;
        EXPECT_EQ(got.server.requests(), 3U);
    }
}

TEST(fetch_answers, H4_a_head_that_is_cut_on_a_kept_connection_is_truncated) {
    std::atomic<int> asked{0};
    http_server server([&](const http_request&) {
        http_response answer = text("x");
        if (asked++ > 0) answer.cut_head_after = 17;
        return answer;
    });
    fetch_options options = working_fetch::quick();
    options.connections_per_host = 1;
    working_fetch work(options);
    EXPECT_TRUE(has_page(work.get(server.url())));
    auto& item = work.get(server.url());
    EXPECT_EQ(item.why().kind, error_kind::truncated) << item.why().reason;
}

TEST(fetch_answers, H5_a_body_that_ends_with_its_connection_is_a_page_as_far_as_it_came) {
    // Nobody can tell a cut from the end; parse must reach the end of the document.
    const outcome_of got({.body = "0123456789", .framing = http_framing::close_delimited, .cut_body_after = 5});
    ASSERT_TRUE(has_page(got.item));
    EXPECT_EQ(page_of(got.item).body(), "01234");
}

TEST(fetch_answers, H6_codings_that_cannot_be_undone_are_named) {
    const auto kind_of = [](const char* coding, std::string body) {
        const outcome_of got(bombs::coded(coding, std::move(body)));
        EXPECT_TRUE(got.item.has_failed()) << coding;
        EXPECT_TRUE(contains(got.item.why().reason, "not decodable")) << coding << got.item.why().reason;
        return got.item.why().kind;
    };
    EXPECT_EQ(kind_of("x-unknown", "x"), error_kind::truncated);
    EXPECT_EQ(kind_of("gzip, gzip, gzip, gzip, gzip, gzip", gzip_bomb()), error_kind::truncated);
    EXPECT_EQ(kind_of("gzip", "no gzip at all, is it not so"), error_kind::truncated);
}

TEST(fetch_answers, H7_bombs_of_all_codings_are_too_large_at_once) {
    fetch_options options = working_fetch::quick();
    options.max_body = 1'000'000;
    const auto expect_too_large = [&](const char* coding, std::string body) {
        outcome_of got(bombs::coded(coding, std::move(body)), options);
        ASSERT_TRUE(got.item.has_failed()) << coding;
        EXPECT_EQ(got.item.why().kind, error_kind::too_large) << coding << got.item.why().reason;
        EXPECT_EQ(got.server.requests(), 1U);
        EXPECT_EQ(got.work.run.metrics().bodies.in_flight(), 0U);
    };
    expect_too_large("gzip", bombs::gzip());
    expect_too_large("gzip, gzip", bombs::double_gzip());
    const auto features = static_cast<unsigned long>(curl_version_info(CURLVERSION_NOW)->features);
    if ((features & CURL_VERSION_BROTLI) != 0) expect_too_large("br", bombs::brotli());
    if ((features & CURL_VERSION_ZSTD) != 0) expect_too_large("zstd", bombs::zstd());
}

TEST(fetch_answers, H8_a_body_of_a_terabyte_is_too_large) {
    fetch_options options = working_fetch::quick();
    options.max_body = 10'000;
    const outcome_of endless({.body = std::string(1000, 'x'), .body_repeat = 1'000'000'000'000}, options);
    EXPECT_EQ(endless.item.why().kind, error_kind::too_large);
}

TEST(fetch_answers, H8_a_body_that_is_announced_to_be_too_large_is_not_awaited) {
    fetch_options options = working_fetch::quick();
    options.max_body = 10'000;
    // The body never comes: who waited for its first byte would run out of time.
    const auto announced = [](std::uint64_t length) {
        return raw("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n", false);
    };
    for (const std::uint64_t length : {std::uint64_t{10'001}, std::uint64_t{1'000'000'000'000}}) {
        const outcome_of got(announced(length), options);
        EXPECT_EQ(got.item.why().kind, error_kind::too_large) << got.item.why().reason;
        EXPECT_EQ(got.server.requests(), 1U);
    }
    const outcome_of allowed({.body = std::string(10'000, 'x')}, options);
    EXPECT_TRUE(has_page(allowed.item)) << allowed.item.why().reason;
}

TEST(fetch_answers, H8_what_is_announced_of_a_compressed_body_says_nothing_of_its_size) {
    fetch_options options = working_fetch::quick();
    options.max_body = 10;
    // The empty text, in more bytes than it may have.
    const std::string nothing("\x1f\x8b\x08\0\0\0\0\0\x02\x03\x03\0\0\0\0\0\0\0\0\0", 20);
    const outcome_of got({.headers = {{"Content-Encoding", "gzip"}}, .body = nothing}, options);
    EXPECT_TRUE(has_page(got.item)) << got.item.why().reason;
}

TEST(fetch_answers, H9_storms_of_interim_answers_and_headers_are_no_lack_of_memory) {
    std::string interim;
    for (int i = 0; i < 20'000; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
    std::string fields = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 4'000; ++i) fields += "X-" + std::to_string(i) + ": " + std::string(80, 'x') + "\r\n";
    for (const std::string& storm : {interim, fields + "\r\n"}) {
        const outcome_of got(raw(storm));
        EXPECT_EQ(got.item.why().kind, error_kind::too_large) << got.item.why().reason;
        EXPECT_EQ(got.server.requests(), 1U);
    }
}

TEST(fetch_answers, H15_a_connection_that_ends_between_or_within_requests_is_no_failure_of_a_get) {
    for (const bool reset : {false, true}) {
        // Every second request of a connection is read and gets no answer.
        http_server server([&](const http_request& asked) {
            http_response answer = text("x");
            if (asked.ordinal % 2 == 0) answer.cut_head_after = 0, answer.reset = reset;
            return answer;
        });
        fetch_options options = working_fetch::quick();
        options.connections_per_host = 1;
        working_fetch work(options);
        for (int i = 0; i < 6; ++i) {
            auto& item = work.get(server.url());
            EXPECT_TRUE(has_page(item)) << item.why().reason;
        }
        EXPECT_LE(server.requests(), 12U);
    }
}

TEST(fetch_answers, H18_each_status_has_its_outcome) {
    struct expected {
        int status;
        bool page;
        unsigned requests;
    };
    for (const auto& [code, page, requests] : {expected{200, true, 1},
                                               {204, true, 1},
                                               {206, true, 1},
                                               {304, false, 1},
                                               {400, false, 1},
                                               {401, false, 1},
                                               {403, false, 1},
                                               {404, false, 1},
                                               {407, false, 1},
                                               {410, false, 1},
                                               {429, false, 3},
                                               {500, false, 3},
                                               {501, false, 1},
                                               {502, false, 3},
                                               {503, false, 3},
                                               {504, false, 3},
                                               {999, false, 1}}) {
        const outcome_of got(status(code));
        EXPECT_EQ(has_page(got.item), page) << code;
        EXPECT_EQ(got.server.requests(), requests) << code;
        if (got.item.has_failed()) {
            EXPECT_EQ(got.item.why().status, code);
        }
    }
}

TEST(fetch_answers, a_connection_that_is_broken_off_says_so) {
    const outcome_of reset({.cut_head_after = 0, .reset = true});
    EXPECT_TRUE(reset.item.why().connection_reset) << reset.item.why().reason;
    const outcome_of closed({.cut_head_after = 0});
    EXPECT_FALSE(closed.item.why().connection_reset) << closed.item.why().reason;
}

}  // namespace
}  // namespace penstock::testing
