// What goes into databases as text: cells of COPY, and names in SQL. Each is read back by a decoder of our own.
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "formats.hpp"
#include "stages/store/postgresql/copy_text.hpp"
#include "stages/store/quoted_name.hpp"

namespace penstock::testing {

namespace {

/// A cell of COPY's text form as PostgreSQL reads it; nothing if it would end the cell or the row.
bool read_cell(std::string_view wire, std::string& cell) {
    for (std::size_t at = 0; at < wire.size(); ++at) {
        char one = wire[at];
        if (one == '\t' || one == '\n' || one == '\r') return false;
        if (one == '\\') {
            if (++at == wire.size()) return false;
            switch (wire[at]) {
                case 't': one = '\t'; break;
                case 'n': one = '\n'; break;
                case 'r': one = '\r'; break;
                case '\\': one = '\\'; break;
                default: return false;  // \N would be a null, \. the end.
            }
        }
        cell += one;
    }
    return true;
}

std::string check_real(double value) {
    detail::wire_buffer number;
    detail::postgresql::append_real(number, value);
    const std::string wire(number.view());
    const double again = std::strtod(wire.c_str(), nullptr);
    const bool same = std::isnan(value) ? std::isnan(again)
                                        : std::bit_cast<std::uint64_t>(again) == std::bit_cast<std::uint64_t>(value);
    return same ? "" : "another number: " + wire;
}

}  // namespace

std::string check_copy(std::span<const std::uint8_t> bytes) {
    static const std::vector<std::string> words = {"a",
                                                   "plain text that is long enough",
                                                   "\\",
                                                   "\t",
                                                   "\n",
                                                   "\r",
                                                   "\\N",
                                                   "\\.",
                                                   "é",
                                                   "\x0d\x0b\x01",
                                                   std::string(1, '\0')};
    const std::string text = spell(bytes, words);
    detail::wire_buffer wire;
    std::string again;
    detail::postgresql::append_text(wire, text);
    if (!read_cell(wire.view(), again) || again != text) return "another text: " + std::string(wire.view());

    wire.clear();
    again.clear();
    detail::postgresql::append_bytes(wire, std::as_bytes(bytes));
    if (!read_cell(wire.view(), again) || !again.starts_with("\\x") || again.size() != 2 + 2 * bytes.size())
        return "no bytes: " + std::string(wire.view());
    for (std::size_t i = 0; i < bytes.size(); ++i)
        if (std::stoul(again.substr(2 + 2 * i, 2), nullptr, 16) != bytes[i])
            return "other bytes: " + std::string(wire.view());

    double value = 0;
    std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
    if (std::string wrong = check_real(value); !wrong.empty()) return wrong;
    // Prices: a whole number over a power of ten.
    std::int32_t whole = 0;
    std::memcpy(&whole, bytes.data(), std::min(bytes.size(), sizeof whole));
    return check_real(whole / std::pow(10.0, static_cast<double>(bytes.size() % 8)));
}

std::string check_names(std::span<const std::uint8_t> bytes) {
    static const std::vector<std::string> words = {"\"", "a",    ".",  ";", "'",  "--",
                                                   " ",  "\"\"", "\\", "é", "\n", "drop table"};
    const std::string name = spell(bytes, words);
    const std::string quoted = detail::quoted_name(name);
    if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') return "not quoted: " + quoted;
    std::string again;
    for (std::size_t at = 1; at + 1 < quoted.size(); ++at) {
        again += quoted[at];
        if (quoted[at] == '"' && (quoted[++at] != '"' || at + 1 == quoted.size())) return "ends too soon: " + quoted;
    }
    if (again != name) return "another name: " + quoted;
    return {};
}

}  // namespace penstock::testing
