#include "penstock/detail/letters.hpp"

#include <cstddef>
#include <string_view>

namespace penstock::detail {

namespace {

/// How many bytes the UTF-8 character takes that the text begins with; 0 if it begins with none.
std::size_t character_size(std::string_view text) noexcept {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const auto follows = [&](std::size_t at, unsigned lowest = 0x80, unsigned highest = 0xbf) {
        return at < text.size() && byte(at) >= lowest && byte(at) <= highest;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        // Overlong forms and surrogates are kept out.
        const bool second = follows(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf);
        return second && follows(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const bool second = follows(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf);
        return second && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

constexpr std::string_view hex = "0123456789abcdef";

bool is_text(std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        const std::size_t size = character_size(bytes);
        if (size == 0) return false;
        bytes.remove_prefix(size);
    }
    return true;
}

std::string hex_of(std::string_view bytes) {
    std::string digits;
    for (const char byte : bytes) {
        digits += hex[static_cast<unsigned char>(byte) >> 4];
        digits += hex[static_cast<unsigned char>(byte) & 15];
    }
    return digits;
}

void append_json(std::string& to, std::string_view text) {
    to += '"';
    while (!text.empty()) {
        const auto code = static_cast<unsigned char>(text.front());
        const std::size_t size = character_size(text);
        if (size == 0) {
            to += "\xef\xbf\xbd";
        } else if (code == '"' || code == '\\') {
            to += '\\';
            to += text.front();
        } else if (code < 0x20) {
            to += "\\u00";
            to += hex[code >> 4];
            to += hex[code & 15];
        } else {
            to += text.substr(0, size);
        }
        text.remove_prefix(size == 0 ? 1 : size);
    }
    to += '"';
}

}  // namespace

dead_letter letter_of(const slot& item, outcome how) {
    dead_letter letter;
    letter.item = item.ordinal;
    letter.stage = item.failed_in();
    letter.how = how;
    letter.kind = item.why().kind;
    letter.reason = item.why().reason;
    letter.attempts = item.attempts;
    letter.status = item.why().status;
    letter.connection_reset = item.why().connection_reset;
    letter.proxy = item.why().proxy;
    if (const auto* type = item.origin_type(); type != nullptr && type->describe != nullptr) {
        type->describe(item.origin(), letter);
    }
    // It may have been made from the body; and what cannot be replayed needs none.
    if (letter.body_withheld) letter.idempotency_key.clear();
    return letter;
}

std::size_t letter_size(const slot& item) noexcept {
    constexpr std::size_t names_and_numbers = 400;
    std::size_t texts = item.failed_in().size() + item.why().reason.size() + item.why().proxy.size();
    const auto* const type = item.origin_type();
    if (type != nullptr && type->text_size != nullptr) texts += type->text_size(item.origin());
    // Hexadecimal has two digits for a byte, and a quotation mark its backslash.
    return names_and_numbers + 2 * texts;
}

std::string one_line(const dead_letter& letter) {
    std::string line = "item " + std::to_string(letter.item);
    if (!letter.origin.empty()) line += " (" + letter.origin + ")";
    return line + ", " + letter.stage + ", " + std::string(to_string(letter.kind)) + ": " + letter.reason;
}

std::string json_of(const dead_letter& letter) {
    std::string line = "{\"item\":" + std::to_string(letter.item);
    const auto field = [&](std::string_view name, std::string_view value) {
        line += ",\"";
        line += name;
        line += "\":";
        append_json(line, value);
    };
    // As text for a person, and byte for byte where that is something else.
    const auto exact = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) field(name, value);
        if (!is_text(value)) field(std::string(name) + "_hex", hex_of(value));
    };
    if (letter.origin.empty()) field("origin", "");
    exact("origin", letter.origin);
    exact("tag", letter.tag);
    exact("key", letter.key);
    if (!letter.method.empty()) field("method", letter.method);
    exact("idempotency_key", letter.idempotency_key);
    exact("proxy_key", letter.proxy_key);
    exact("target", letter.target);
    if (!letter.body.empty() && is_text(letter.body)) field("body", letter.body);
    if (!letter.body.empty() && !is_text(letter.body)) field("body_hex", hex_of(letter.body));
    if (letter.body_withheld) line += ",\"body_withheld\":true";
    exact("content_type", letter.content_type);
    field("stage", letter.stage);
    field("outcome", to_string(letter.how));
    field("kind", to_string(letter.kind));
    field("reason", letter.reason);
    line += ",\"attempts\":" + std::to_string(letter.attempts);
    if (letter.status != 0) line += ",\"status\":" + std::to_string(letter.status);
    if (letter.connection_reset) line += ",\"connection_reset\":true";
    if (!letter.proxy.empty()) field("proxy", letter.proxy);
    return line += '}';
}

}  // namespace penstock::detail
