#include "penstock/request_body.hpp"

#include "ascii.hpp"

namespace penstock {

namespace {

/// As the URL standard has it for forms: a blank is a plus.
void encode(std::string_view text, std::string& onto) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        if (fetch_stage::is_letter(c) || fetch_stage::is_digit(c) || c == '*' || c == '-' || c == '.' || c == '_') {
            onto += c;
        } else if (c == ' ') {
            onto += '+';
        } else {
            const auto byte = static_cast<unsigned char>(c);
            onto += '%';
            onto += digits[byte >> 4U];
            onto += digits[byte & 15U];
        }
    }
}

}  // namespace

request_body raw_body(std::string bytes, std::string content_type) {
    return {std::move(bytes), std::move(content_type)};
}

request_body json_body(std::string text) { return {std::move(text), "application/json"}; }

request_body form_body(const std::vector<std::pair<std::string_view, std::string_view>>& fields) {
    request_body body{.bytes = {}, .content_type = "application/x-www-form-urlencoded"};
    for (const auto& [name, value] : fields) {
        if (&name != &fields.front().first) body.bytes += '&';
        encode(name, body.bytes);
        body.bytes += '=';
        encode(value, body.bytes);
    }
    return body;
}

}  // namespace penstock
