// What a session keeps of a server's cookies, and to whom it would send them.
#include <algorithm>

#include "formats.hpp"
#include "stages/fetch/cookie_jar.hpp"

namespace penstock::testing {

namespace {

using namespace fetch_stage;

const cookie_time noon{time_point(std::chrono::hours(1000)),
                       std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + std::chrono::hours(12)};

bool breaks_a_line(const std::string& text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return c == ';' || c == '\x7f' || (c >= 0 && c < ' ' && c != '\t'); });
}

std::string judge(const cookie& one, const split_url& from) {
    if (one.name.empty() || breaks_a_line(one.name) || breaks_a_line(one.value))
        return "a cookie that splits its field";
    if (one.secure && !from.tls) return "a secure cookie that came in plain text";
    if (one.name.starts_with("__Host-") && (!one.host_only || one.path != "/")) return "a prefix that is not kept";
    if (one.ends != time_point::max() && one.ends > noon.now + std::chrono::hours(24 * 400)) return "one for ever";
    for (const char* const stranger : {"http://victim.co.uk/", "https://www.victim.com/", "http://127.0.0.2:8080/",
                                       "http://127.0.0.1/", "http://notexample.com/", "http://www.example.com:81/"}) {
        const split_url to = split(stranger);
        if (one.is_for(to, cookie_path(to))) return std::string("a cookie for ") + stranger;
    }
    cookie_jar jar;
    jar.put(one, noon.now);
    if (jar.size() == 0) return {};
    const std::string sent = jar.field_for(from, noon.now);
    const bool for_this_path = one.is_for(from, cookie_path(from));
    return sent == (for_this_path ? one.name + '=' + one.value : "") ? "" : "a cookie that is sent as " + sent;
}

}  // namespace

std::string check_cookie(std::span<const std::uint8_t> bytes) {
    static const std::vector<std::string> words = {"; Domain=",
                                                   "example.com",
                                                   "co.uk",
                                                   "com",
                                                   ".",
                                                   "www.",
                                                   "127.0.0.1",
                                                   "; Domain=co.uk",
                                                   "; Domain=.com",
                                                   "; Domain=example.com",
                                                   "; Path=",
                                                   "/",
                                                   "/a",
                                                   "; Secure",
                                                   "; Max-Age=",
                                                   "-1",
                                                   "7",
                                                   "999999999999999999999",
                                                   "; Expires=",
                                                   "Thu, 01 Jan 1970 00:00:00 GMT",
                                                   "Sun, 22 Nov 2026 13:00:00 GMT",
                                                   "; HttpOnly",
                                                   "\r\n",
                                                   "=",
                                                   "a"};
    static const std::vector<std::string> names = {"a=1", "__Host-a=1", "__Secure-a=1", "", "a"};
    static const std::vector<std::string> places = {"http://www.example.com/a/b", "https://www.example.com/",
                                                    "https://evil.co.uk/a", "http://127.0.0.1:8080/",
                                                    "http://evil.com"};
    if (bytes.empty()) return {};
    const std::string& place = places[bytes.front() % places.size()];
    const std::string field = names[bytes.back() % names.size()] + spell(bytes.subspan(1), words);
    const split_url from = split(place);
    const auto one = read_cookie(field, from, noon);
    const std::string wrong = one ? judge(*one, from) : "";
    return wrong.empty() ? "" : wrong + ": " + field + " from " + place;
}

}  // namespace penstock::testing
