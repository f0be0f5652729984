// Bodies that are small on the wire and huge when decoded, among good ones.
#include "tests/bombs.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <fstream>

#include "job_fixture.hpp"
#include "penstock/stages/parse.hpp"
#include "tests/sanitizer.hpp"

namespace ps = penstock;
using ps::testing::record;
using namespace std::string_literals;

namespace {

constexpr int item_count = 1000;
constexpr std::size_t mebibyte = std::size_t{1} << 20;

/// The most memory that the process ever had resident, in bytes.
std::size_t peak_resident() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6)) * 1024;
    }
    return 0;
}

/// The bombs that this libcurl would decode.
std::vector<ps::testing::http_response> known_bombs() {
    namespace bombs = ps::testing::bombs;
    std::vector<ps::testing::http_response> known{
        bombs::coded("gzip", bombs::gzip()), bombs::coded("gzip, gzip", bombs::double_gzip()), bombs::endless_chunks()};
    const unsigned long features = static_cast<unsigned long>(curl_version_info(CURLVERSION_NOW)->features);
    if ((features & CURL_VERSION_BROTLI) != 0) known.push_back(bombs::coded("br", bombs::brotli()));
    if ((features & CURL_VERSION_ZSTD) != 0) known.push_back(bombs::coded("zstd", bombs::zstd()));
    return known;
}

class bombs_among_pages : public ps::testing::job_fixture {};

TEST_F(bombs_among_pages, H7_H8_fifty_cost_a_dead_letter_each_and_bounded_memory) {
    const auto known = known_bombs();
    ps::testing::http_server server([&](const ps::testing::http_request& asked) {
        const int number = std::stoi(asked.target.substr(1));
        if (number % 20 == 7) return known[static_cast<std::size_t>(number / 20) % known.size()];
        return ps::testing::text(std::to_string(number));
    });
    std::vector<std::string> urls;
    for (int i = 0; i < item_count; ++i) urls.push_back(server.url("/" + std::to_string(i)));
    [[maybe_unused]] const std::size_t before = peak_resident();  // Says nothing under a sanitizer.
    ps::pipeline job = ps::from(urls) | ps::fetch({.max_body = mebibyte, .connections_per_host = 32})
                       | ps::parallel("number",
                                      [](const ps::page& page) {
                                          return record{std::stoll(std::string(page.body())), "page"};
                                      })
                       | ps::store(target(), records(), {.create_table = true});
    const ps::report done = ps::testing::settled_run(
        job, {.queue_size = item_count, .max_bytes_in_flight = 16 * mebibyte, .dead_letters = letters()});
    EXPECT_EQ(done.count(ps::outcome::committed), 950U) << done;
    EXPECT_EQ(rows_seen(), 950);
    EXPECT_EQ(letters_.size(), 50U);
    for (const auto& [url, letter] : letters_) {
        EXPECT_EQ(letter.kind, ps::error_kind::too_large) << url << letter.reason;
        EXPECT_EQ(letter.attempts, 1U);
        EXPECT_EQ(letter.status, 200);
    }
    EXPECT_LE(done.figures.fetch.peak_bytes_in_flight, 17 * mebibyte);
    // Besides the bodies: the decoders' windows, up to 4 MiB each, and everything else. All at once would be 800 MiB.
    EXPECT_TRUE(ps::testing::is_sanitized || peak_resident() - before <= 160 * mebibyte) << peak_resident() - before;
}

}  // namespace
