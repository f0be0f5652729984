#include "redirect.hpp"

#include <algorithm>
#include <new>

#include "ascii.hpp"
#include "curl_handles.hpp"
#include "split_url.hpp"

namespace penstock::fetch_stage {

namespace {

/// The scheme of an absolute reference; empty for a relative one. libcurl takes "javascript:…" for a path.
std::string_view scheme_of(std::string_view location) noexcept {
    const std::size_t colon = location.find(':');
    if (colon == std::string_view::npos || colon == 0 || !is_letter(location.front())) return {};
    const std::string_view scheme = location.substr(0, colon);
    const bool well_formed = std::all_of(scheme.begin(), scheme.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    });
    return well_formed ? scheme : std::string_view();
}

failure refused(std::string_view current, std::string why) {
    return {error_kind::redirect, "redirect from " + show_url(current) + ' ' + std::move(why)};
}

}  // namespace

std::variant<hop, failure> follow(std::string_view current, std::string_view location, unsigned count,
                                  unsigned max_redirects) {
    if (count > max_redirects) {
        return refused(current, "is one more than max_redirects, " + std::to_string(max_redirects) + ", allows");
    }
    const std::string_view scheme = scheme_of(location);
    if (!scheme.empty() && !same_name(scheme, "http") && !same_name(scheme, "https")) {
        return refused(current, "leads to the scheme \"" + std::string(scheme.substr(0, 20))
                                    + "\"; only http and https are followed");
    }
    const url_handle url(curl_url());
    if (url == nullptr) throw std::bad_alloc();
    CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, std::string(current).c_str(), 0);
    if (code == CURLUE_OK) {
        code =
            curl_url_set(url.get(), CURLUPART_URL, std::string(location).c_str(), CURLU_URLENCODE | CURLU_ALLOW_SPACE);
    }
    if (code == CURLUE_OK) code = curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
    char* resolved = nullptr;
    if (code == CURLUE_OK) code = curl_url_get(url.get(), CURLUPART_URL, &resolved, 0);
    const curl_text owner(resolved);
    if (code == CURLUE_OUT_OF_MEMORY) throw std::bad_alloc();
    if (code != CURLUE_OK) {
        return refused(current, std::string("leads to a URL that cannot be read (") + curl_url_strerror(code) + ')');
    }
    const split_url from = split(current);
    const split_url to = split(resolved);
    if (!to.problem.empty()) return refused(current, "leads to a URL that " + std::string(to.problem));
    if (from.tls && !to.tls) return refused(current, "leads from https to http: " + show_url(resolved));
    return hop{resolved, from.tls == to.tls && from.port == to.port && same_name(from.host, to.host)};
}

}  // namespace penstock::fetch_stage
