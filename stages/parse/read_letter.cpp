#include <simdjson.h>

#include <algorithm>
#include <cstddef>

#include "penstock/detail/letters.hpp"

namespace penstock::detail {

namespace {

/// The value of this name among the first so many of an enumeration; the last one if there is none.
template <class Named>
Named named(std::string_view name, std::size_t count) noexcept {
    for (std::size_t at = 0; at < count; ++at)
        if (to_string(static_cast<Named>(at)) == name) return static_cast<Named>(at);
    return static_cast<Named>(count - 1);
}

std::string bytes_of(std::string_view digits) {
    const auto value = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
    std::string bytes;
    for (std::size_t at = 0; at + 1 < digits.size(); at += 2)
        bytes += static_cast<char>(value(digits[at]) * 16 + value(digits[at + 1]));
    return bytes;
}

/// Whatever the case of the letters.
bool begins_with(std::string_view url, std::string_view scheme) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; };
    return url.size() >= scheme.size()
           && std::equal(scheme.begin(), scheme.end(), url.begin(), [&](char a, char b) { return a == lower(b); });
}

}  // namespace

std::optional<dead_letter> read_letter(std::string_view json) {
    simdjson::dom::parser parser;
    simdjson::dom::object letter;
    if (parser.parse(json.data(), json.size()).get(letter) != simdjson::SUCCESS) return {};
    dead_letter read;
    std::string_view stage;
    if (letter["stage"].get(stage) != simdjson::SUCCESS) return {};
    read.stage = stage;
    const auto text = [&](const char* name) {
        std::string_view value;
        return letter[name].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
    };
    const auto exact = [&](const std::string& name) {
        const std::string digits = text((name + "_hex").c_str());
        return digits.empty() ? text(name.c_str()) : bytes_of(digits);
    };
    const auto truth = [&](const char* name) {
        bool value = false;
        return letter[name].get(value) == simdjson::SUCCESS && value;
    };
    const auto number = [&](const char* name, std::uint64_t otherwise) {
        std::uint64_t value = 0;
        return letter[name].get(value) == simdjson::SUCCESS ? value : otherwise;
    };
    read.item = number("item", 0);
    read.origin = exact("origin");
    read.tag = exact("tag");
    read.key = exact("key");
    read.method = text("method");
    read.idempotency_key = exact("idempotency_key");
    read.proxy_key = exact("proxy_key");
    read.target = exact("target");
    read.body = exact("body");
    read.content_type = exact("content_type");
    read.body_withheld = truth("body_withheld");
    read.reason = text("reason");
    read.proxy = text("proxy");
    read.kind = named<error_kind>(text("kind"), error_kind_count);
    read.how = text("outcome") == to_string(outcome::in_doubt) ? outcome::in_doubt : outcome::dead;
    read.attempts = static_cast<unsigned>(number("attempts", 1));
    read.status = static_cast<int>(number("status", 0));
    read.connection_reset = truth("connection_reset");
    return read;
}

letter_line read_letter_line(std::string_view line) {
    letter_line found{read_letter(line), false};
    if (found.letter) return found;
    // Within a letter every quotation mark of a text has a backslash in front: where this stands, a letter begins.
    constexpr std::string_view beginning = R"({"item":)";
    const std::size_t last = line.rfind(beginning);
    if (last == std::string_view::npos) {
        found.cut_off = !line.empty() && beginning.starts_with(line);
        return found;
    }
    simdjson::dom::parser parser;
    if (parser.parse(line.data(), line.size()).error() == simdjson::SUCCESS) return found;
    found.cut_off = true;
    if (last != 0) found.letter = read_letter(line.substr(last));
    return found;
}

std::optional<request> request_of(const dead_letter& letter) {
    if (!begins_with(letter.origin, "http://") && !begins_with(letter.origin, "https://")) return {};
    if (letter.body_withheld || !(letter.method.empty() || is_method(letter.method))) return {};
    auto again = std::make_optional<request>();  // In its place: g++ 12 takes a copy into one for uninitialized.
    again->url = letter.origin;
    again->tag = letter.tag;
    again->key = letter.key;
    if (!letter.method.empty()) again->method = letter.method;
    again->idempotency_key = letter.idempotency_key;
    again->proxy_key = letter.proxy_key;
    again->target = letter.target;
    again->body.bytes = letter.body;
    again->body.content_type = letter.content_type;
    return again;
}

}  // namespace penstock::detail
