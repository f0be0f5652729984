// What fetch makes of URLs and header fields that come from outside.
#include <algorithm>

#include "formats.hpp"
#include "stages/fetch/curl_handles.hpp"
#include "stages/fetch/header_rules.hpp"
#include "stages/fetch/split_url.hpp"

namespace penstock::testing {

namespace {

using namespace fetch_stage;

bool lies_in(std::string_view part, const std::string& whole) {
    return part.data() == nullptr
           || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

std::string part_of(CURLU* url, CURLUPart which) {
    char* text = nullptr;
    curl_url_get(url, which, &text, CURLU_DEFAULT_PORT);
    const curl_text owner(text);
    return text == nullptr ? "" : text;
}

/// libcurl sends the request: the origin that it goes to has to be the one that fetch has counted it for.
std::string compare_with_curl(const std::string& url, const split_url& parts) {
    const url_handle parsed(curl_url());
    if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return {};
    if (!part_of(parsed.get(), CURLUPART_USER).empty()) return "libcurl would send a user name";
    if (part_of(parsed.get(), CURLUPART_PORT) != std::to_string(parts.port)) return "libcurl takes another port";
    if (part_of(parsed.get(), CURLUPART_SCHEME) != (parts.tls ? "https" : "http"))
        return "libcurl takes another scheme";
    // libcurl decodes %41 in a host and normalises addresses; where it has nothing to do it must find the same.
    const bool plain = std::all_of(parts.host.begin(), parts.host.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (plain && part_of(parsed.get(), CURLUPART_HOST) != parts.host) return "libcurl takes another host";
    return {};
}

std::string judge_url(const std::string& url) {
    const split_url parts = split(url);
    const std::string shown = show_url(url);
    if (shown.size() > 400 || std::any_of(shown.begin(), shown.end(), [](char c) { return c >= 0 && c < ' '; }))
        return "not to be shown like this: " + shown;
    const std::size_t scheme_end = url.find("//");
    const std::string authority =
        scheme_end == url.npos ? ""
                               : url.substr(scheme_end + 2, url.find_first_of("/?#", scheme_end + 2) - scheme_end - 2);
    if (authority.find("s3cret@") != authority.npos && shown.find("s3cret@") != shown.npos) return "shows a password";
    for (const std::string_view part : {parts.host, parts.path, parts.query})
        if (!lies_in(part, url)) return "a part from outside of the URL";
    if (!parts.problem.empty()) return {};
    if (parts.host.empty() || parts.port == 0 || parts.port > 65'535) return "accepted without a host or a port";
    std::string origin;
    write_origin(parts, origin);
    std::string again;
    const split_url of_origin = split(origin);
    write_origin(of_origin, again);
    if (!of_origin.problem.empty() || again != origin) return "an origin that is none: " + origin;
    return compare_with_curl(url, parts);
}

}  // namespace

std::string check_url(std::span<const std::uint8_t> bytes) {
    static const std::vector<std::string> words = {
        "http://", "https://", "HTTP://", "ftp://", "h",  "host", "127.0.0.1", "[::1]", ":",
        "80",      "443",      "65535",   "65536",  "0",  "/",    "?",         "#",     "@",
        "s3cret@", "\\",       "%2F",     "..",     "//", "a=b",  " ",         "\n",    "é"};
    std::string text = spell(bytes, words);
    // Most begin as a URL does.
    if (!bytes.empty() && bytes.back() % 4 != 0) text.insert(0, bytes.back() % 2 == 0 ? "http://h" : "https://");
    const std::string wrong = judge_url(text);
    return wrong.empty() ? "" : wrong + ": " + text;
}

std::string check_header(std::span<const std::uint8_t> bytes) {
    static const std::vector<std::string> words = {
        "a", "X-Key", "host", "Content-", "Length", "transfer-encoding", "proxy-", "authorization", "te", ":",
        " ", "\r",    "\n",   "",         ";"};
    const std::size_t cut = bytes.empty() ? 0 : bytes.front() % bytes.size();
    const header field{spell(bytes.first(cut), words), spell(bytes.subspan(cut), words)};
    const std::string line = field.name + ": " + field.value;
    const bool refused = !problem_of(field).empty();
    const bool splits = line.find_first_of(std::string("\r\n\0", 3)) != line.npos;
    const bool is_name = !field.name.empty() && field.name.find_first_of(": \t;") == field.name.npos;
    std::string lower = field.name;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool taken = lower == "host" || lower == "content-length" || lower == "transfer-encoding" || lower == "te"
                       || lower.starts_with("proxy-");
    if (!refused && (splits || !is_name || taken)) return "a header that must not be sent: " + line;
    const bool harmless = lower == "a" || lower == "x-key" || lower == "authorization";
    if (refused && harmless && !splits) return "a header that is refused without need: " + line;
    return {};
}

}  // namespace penstock::testing
