#include "http_message.hpp"

#include <algorithm>
#include <penstock/testing/http_server.hpp>

namespace penstock::testing {

namespace detail {

namespace {

// Not std::tolower: a test must not depend on the locale of the program under test.
char lower(char letter) noexcept {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

bool same_token(std::string_view left, std::string_view right) noexcept {
    return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(), [](char one, char other) {
               return lower(one) == lower(other);
           });
}

bool lists_token(std::string_view value, std::string_view token) noexcept {
    while (true) {
        const auto comma = value.find(',');
        if (same_token(trimmed(value.substr(0, comma)), token)) {
            return true;
        }
        if (comma == std::string_view::npos) {
            return false;
        }
        value.remove_prefix(comma + 1);
    }
}

std::string_view trimmed(std::string_view text) noexcept {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view usual_reason(int status) noexcept {
    switch (status) {
        case 100: return "Continue";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 407: return "Proxy Authentication Required";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 413: return "Content Too Large";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        default: return "Status";
    }
}

}  // namespace detail

std::optional<std::string_view> http_request::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (detail::same_token(key, name)) {
            return value;
        }
    }
    return std::nullopt;
}

http_response text(std::string body) {
    return {.headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::move(body)};
}

http_response json(std::string body) {
    return {.headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

http_response status(int code) { return {.status = code}; }

http_response redirect(int code, std::string location) {
    http_response response{.status = code};
    response.headers.emplace_back("Location", std::move(location));
    return response;
}

}  // namespace penstock::testing
