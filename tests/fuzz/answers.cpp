// What fetch makes of answers: their heads, and when to ask again.
#include <algorithm>

#include "formats.hpp"
#include "stages/fetch/ascii.hpp"
#include "stages/fetch/head_reader.hpp"
#include "stages/fetch/retry_policy.hpp"
#include "tests/schedules/choices.hpp"

namespace penstock::testing {

using namespace fetch_stage;

std::string check_head(std::span<const std::uint8_t> bytes) {
    static const std::vector<std::string> words = {"HTTP/1.1 200 OK\r\n",
                                                   "HTTP/2 204\r\n",
                                                   "HTTP/1.1 100 Continue\r\n",
                                                   "HTTP/1.1 302\r\n",
                                                   "\r\n",
                                                   "Content-Length: 5\r\n",
                                                   "content-length:6\r\n",
                                                   "Content-Length: x\r\n",
                                                   "Transfer-Encoding: gzip, chunked\r\n",
                                                   "Location: /a b\r\n",
                                                   "location:\r\n",
                                                   "X: y\r\n",
                                                   "\n",
                                                   "Content-Length",
                                                   ": ",
                                                   "HTTP/"};
    const std::string text = spell(bytes, words);
    constexpr std::size_t most = 400;
    head_reader reader(most);
    std::size_t read = 0;
    std::size_t lengths = 0;
    bool chunked = false;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
        const std::string line = text.substr(at, end - at);
        const auto before = reader.now();
        if (line.starts_with("HTTP/")) lengths = 0, chunked = false;
        if (same_name(line.substr(0, 15), "Content-Length:")) ++lengths;
        if (line.starts_with("Transfer-Encoding:") && line.find("chunked") != line.npos) chunked = true;
        const auto after = reader.add(line);
        at = end;
        read += line.size();
        if (after != reader.now()) return "says another state than it has: " + text;
        if ((after == head_reader::state::too_large) != (read > most)) return "counts its size wrongly: " + text;
        if (after == head_reader::state::too_large) return {};
        if (after == head_reader::state::complete) {
            if (reader.status() < 200) return "an interim answer is taken for the true one: " + text;
            const bool ended = trim(line).empty() || before == head_reader::state::complete;
            if (!ended) return "complete before its end: " + text;
            if (before != after && chunked && lengths != 0) return "two ways to end: " + text;
        }
    }
    const std::string_view location = reader.location();
    if (!location.empty() && reader.text().find(location) == std::string::npos)
        return "a target that nobody sent: " + text;
    if (location.find_first_of("\r\n") != location.npos) return "a target over two lines: " + text;
    return {};
}

std::string check_retry(std::span<const std::uint8_t> bytes) {
    using std::chrono::milliseconds;
    choices script(bytes);
    const auto wide = [&] { return (std::int64_t{1} << script.below(28)) + script.byte(); };
    fetch_options options;
    options.retries = script.below(101);
    options.backoff = milliseconds(wide());
    options.max_backoff = options.backoff + milliseconds(script.one_in(2) ? wide() : 0);
    options.backoff_factor = 1 + script.below(100);
    const unsigned attempts = 1 + script.below(110);
    const time_point now{milliseconds(wide())};
    const time_point deadline = script.one_in(8) ? time_point::max() : now + milliseconds(wide() - 200);
    const double draw = script.byte() / 255.0;
    const std::chrono::seconds asked(script.one_in(4) ? std::int64_t{1} << script.below(40) : script.below(3));

    const auto next = retry_policy(options).next(attempts, now, deadline, draw, asked);
    const time_point* const when = std::get_if<time_point>(&next);
    if (when == nullptr) {
        const bool allowed = std::get<giving_up>(next) != giving_up::no_attempts_left || attempts > options.retries;
        return allowed ? "" : "gives up before its last attempt";
    }
    if (attempts > options.retries) return "tries once too often";
    if (asked > options.max_backoff) return "obeys a Retry-After that is too long";
    if (*when < now + asked) return "comes back before it was asked to";
    if (*when >= deadline) return "comes back after the deadline";
    if (*when - now > std::max<std::chrono::nanoseconds>(options.max_backoff, asked))
        return "waits longer than max_backoff";
    if (*when - now < std::min(options.backoff, options.max_backoff) / 2) return "waits less than half of the backoff";
    return {};
}

}  // namespace penstock::testing
