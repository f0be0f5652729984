#include "encoder.hpp"

#include "../text_words.hpp"
#include "copy_text.hpp"

namespace penstock::detail::postgresql {

// Each cell ends with a tab; the end of the row makes the last one a newline.

void encoder::put_integer(std::int64_t value) {
    char* const end = write_integer(wire().room(integer_size + 1), value);
    *end = '\t';
    wire().end_at(end + 1);
}

void encoder::put_real(double value) {
    append_real(wire(), value);
    wire().push_back('\t');
}

void encoder::put_boolean(bool value) { wire().append(value ? "t\t" : "f\t"); }

void encoder::put_text(std::string_view value) {
    char* const end = copy_plain(value, wire().room(value.size() + 1));
    if (end != nullptr) {
        *end = '\t';
        return wire().end_at(end + 1);
    }
    if (refuses(value)) return;
    append_text(wire(), value);
    wire().push_back('\t');
}

void encoder::put_bytes(std::span<const std::byte> value) {
    // Two digits a byte, and a line of COPY has to stay below 1 GiB.
    constexpr std::size_t most = 500'000'000;
    if (value.size() > most) return refuse("the value is longer than 500,000,000 bytes, which COPY cannot take");
    append_bytes(wire(), value);
    wire().push_back('\t');
}

void encoder::put_null() { wire().append("\\N\t"); }

void encoder::put_end_row() { wire().back() = '\n'; }

}  // namespace penstock::detail::postgresql
