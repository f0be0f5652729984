#pragma once

#include <string>
#include <utility>

#include "penstock/testing/http_server.hpp"

namespace penstock::testing {

/// Bodies of a few bytes that become 16 MiB and more. Whoever decodes one to its end does so for nothing: the sums at
/// their ends are wrong or missing.
namespace bombs {

using namespace std::string_literals;

/// Zeros: each byte in the middle stands for 1,032 of them.
inline std::string gzip(std::size_t middle = 17'000) {
    return "\x1f\x8b\x08\0\0\0\0\0\x02\x03\xed\xc1\x31\x01\0\0\0\xc2\xa0\xf5\x4f\x6d\x0d\x0f\xa0"s
           + std::string(middle, '\0');
}

/// One within the other; the outer one is stored as it is.
inline std::string double_gzip() {
    const std::string inner = gzip();
    const auto low = [](std::size_t number) { return static_cast<char>(number & 0xff); };
    return "\x1f\x8b\x08\0\0\0\0\0\0\xff\x01"s + low(inner.size()) + low(inner.size() >> 8) + low(~inner.size())
           + low(~inner.size() >> 8) + inner;
}

inline std::string brotli() {
    return "\xcb\xff\xff\x3f\xf8\x25\x60\xe2\xb1\x40\x20\xf7\xfe\x2f"
           "\xff\xff\xff\xf0\x4b\0\xc4\x61\x11\x80\xee\xfd\x1f"s;
}

/// Blocks of one byte each that is repeated 131,072 times.
inline std::string zstd() {
    std::string frame = "\x28\xb5\x2f\xfd\0\x38"s;
    for (int i = 0; i < 200; ++i) frame += "\x02\0\x10x"s;
    return frame;
}

inline http_response coded(std::string coding, std::string body) {
    http_response answer;
    answer.headers = {{"Content-Encoding", std::move(coding)}};
    answer.body = std::move(body);
    return answer;
}

inline http_response endless_chunks() {
    http_response answer;
    answer.body = std::string(10'000, 'x');
    answer.body_repeat = 1'000'000'000;
    answer.framing = http_framing::chunked;
    return answer;
}

}  // namespace bombs

}  // namespace penstock::testing
