#include "page_rows.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace bench_job {

namespace {

constexpr std::uint64_t every_byte = 0x0101010101010101;
constexpr std::uint64_t top_bits = 0x8080808080808080;

/// Top bits set where a byte of the word may need an escape: control characters and the backslash. May be set behind
/// such a byte as well, so it only says whether there is one and where the first is.
std::uint64_t maybe_escaped(std::uint64_t word) {
    const std::uint64_t below_blank = (word - every_byte * 0x20) & ~word;
    const std::uint64_t no_backslash = word ^ (every_byte * '\\');
    const std::uint64_t backslash = (no_backslash - every_byte) & ~no_backslash;
    return (below_blank | backslash) & top_bits;
}

/// The bytes at the front that COPY takes as they are.
std::size_t plain_front(std::string_view text) {
    std::size_t at = 0;
    for (std::uint64_t word = 0; text.size() - at >= sizeof word; at += sizeof word) {
        std::memcpy(&word, text.data() + at, sizeof word);
        if (const std::uint64_t found = maybe_escaped(word); found != 0) {
            return at + static_cast<std::size_t>(__builtin_ctzll(found)) / 8;
        }
    }
    while (at < text.size() && text[at] != '\\' && static_cast<unsigned char>(text[at]) >= 0x20) ++at;
    return at;
}

void append_text(std::string& copy, std::string_view text) {
    for (;;) {
        const std::size_t plain = plain_front(text);
        copy.append(text.data(), plain);
        if (plain == text.size()) return;
        switch (text[plain]) {
            case '\b': copy += "\\b"; break;
            case '\t': copy += "\\t"; break;
            case '\n': copy += "\\n"; break;
            case '\v': copy += "\\v"; break;
            case '\f': copy += "\\f"; break;
            case '\r': copy += "\\r"; break;
            case '\\': copy += "\\\\"; break;
            default: copy += text[plain];
        }
        text.remove_prefix(plain + 1);
    }
}

template <class Number>
void append_number(std::string& copy, Number value) {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
    copy.append(text.data(), static_cast<std::size_t>(end.ptr - text.data()));
}

}  // namespace

std::size_t page_rows::append(const char* page, std::size_t size, std::size_t capacity, std::string& copy) {
    std::size_t rows = 0;
    simdjson::ondemand::document document = parser_.iterate(simdjson::padded_string_view(page, size, capacity));
    for (simdjson::ondemand::object filing : document.find_field("filings").get_array()) {
        // In the order in which they stand, so that nothing is looked at twice.
        append_number(copy, filing.find_field("company_id").get_int64().value());
        copy += '\t';
        append_number(copy, filing.find_field("filing_id").get_int64().value());
        copy += '\t';
        append_text(copy, filing.find_field("filed").get_string().value());
        copy += '\t';
        append_text(copy, filing.find_field("type").get_string().value());
        copy += '\t';
        append_number(copy, filing.find_field("amount").get_double().value());
        copy += '\t';
        append_text(copy, filing.find_field("note").get_string().value());
        copy += '\n';
        ++rows;
    }
    return rows;
}

}  // namespace bench_job
