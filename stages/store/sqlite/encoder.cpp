#include "encoder.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "../text_words.hpp"
#include "wire.hpp"

namespace penstock::detail::sqlite {
namespace {

/// Writes a tag and a number, and says where they end.
template <class Number>
char* put(char* at, tag what, Number value) noexcept {
    *at++ = static_cast<char>(what);
    std::memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

template <class Number>
void append(wire_buffer& wire, tag what, Number value) {
    wire.end_at(put(wire.room(1 + sizeof value), what, value));
}

constexpr std::size_t text_head = 1 + sizeof(std::uint32_t);

}  // namespace

void encoder::put_integer(std::int64_t value) { append(wire(), tag::integer, value); }

void encoder::put_real(double value) {
    if (std::isfinite(value))
        append(wire(), tag::real, value);
    else if (std::isnan(value))
        refuse("NaN, which SQLite would store as NULL");
    else
        refuse("an infinite number, which SQLite columns are not given");
}

void encoder::put_boolean(bool value) { put_integer(value ? 1 : 0); }

void encoder::put_text(std::string_view value) {
    char* const text = put(wire().room(text_head + value.size()), tag::text, static_cast<std::uint32_t>(value.size()));
    char* end = copy_plain(value, text);
    if (end == nullptr) {
        if (refuses(value)) return;
        end = std::copy(value.begin(), value.end(), text);
    }
    wire().end_at(end);
}

void encoder::put_bytes(std::span<const std::byte> value) {
    append(wire(), tag::bytes, static_cast<std::uint32_t>(value.size()));
    wire().append({reinterpret_cast<const char*>(value.data()), value.size()});
}

void encoder::put_null() { wire().push_back(static_cast<char>(tag::null)); }

}  // namespace penstock::detail::sqlite
