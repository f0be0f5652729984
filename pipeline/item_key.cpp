#include "penstock/item_key.hpp"

#include "blake2b.hpp"

namespace penstock {

namespace {

constexpr std::string_view between("\0", 1);

item_key key_from(blake2b& hash) noexcept {
    const blake2b::digest bytes = hash.finish();
    item_key key;
    for (std::size_t at = 0; at < 8; ++at) {
        key.high = key.high << 8 | bytes[at];
        key.low = key.low << 8 | bytes[at + 8];
    }
    return key;
}

int digit_of(char letter) noexcept {
    if (letter >= '0' && letter <= '9') return letter - '0';
    if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
    if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
    return -1;
}

}  // namespace

item_key key_of_request(std::string_view method, std::string_view url, std::string_view body) noexcept {
    blake2b hash;
    for (const std::string_view part : {method, between, url, between, body}) hash.add(part);
    return key_from(hash);
}

item_key key_of_text(std::string_view text) noexcept {
    blake2b hash;
    hash.add(between);  // As a request without a method would begin, and none is without.
    hash.add(text);
    return key_from(hash);
}

std::string to_string(const item_key& key) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text(32, '0');
    for (std::size_t at = 0; at < 16; ++at) {
        text[at] = digits[key.high >> (60 - 4 * at) & 15];
        text[at + 16] = digits[key.low >> (60 - 4 * at) & 15];
    }
    return text;
}

item_key read_item_key(std::string_view digits) noexcept {
    item_key key;
    std::size_t read = 0;
    for (const char letter : digits) {
        if (letter == '-') continue;
        const int digit = digit_of(letter);
        if (digit < 0 || read == 32) return {};
        key.high = key.high << 4 | key.low >> 60;
        key.low = key.low << 4 | static_cast<std::uint64_t>(digit);
        ++read;
    }
    return read == 32 ? key : item_key();
}

}  // namespace penstock
