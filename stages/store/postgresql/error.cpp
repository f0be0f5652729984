#include "error.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace penstock::detail::postgresql {

blame who_is_to_blame(const error& what) noexcept {
    using namespace std::string_view_literals;
    if (what.link_lost || what.in_doubt || what.state.empty()) return blame::world;
    constexpr std::array moments{"40"sv, "53"sv, "55"sv};
    if (std::ranges::find(moments, what.kind()) != moments.end() || what.state == "57014") return blame::moment;
    // 25 is the state of the transaction, such as a server that became read-only.
    constexpr std::array worlds{"08"sv, "25"sv, "57"sv, "58"sv, "XX"sv};
    if (std::ranges::find(worlds, what.kind()) != worlds.end()) return blame::world;
    return what.before_rows ? blame::world : blame::row;
}

bool is_conflict(const error& what) noexcept { return what.state == "23505"; }

std::string reason_name(const error& what) {
    if (what.in_doubt) return "database_in_doubt";
    if (what.link_lost || what.kind() == "08" || what.state.starts_with("57P")) return "database_lost";
    if (what.state == "53100") return "database_full";
    if (what.state == "53200") return "out_of_memory";
    if (what.state == "25006") return "database_read_only";
    if (what.kind() == "40" || what.kind() == "55" || what.state == "57014") return "database_locked";
    if (what.kind() == "58") return "database_io";
    if (what.state == "XX001" || what.state == "XX002") return "database_corrupt";
    if (what.kind() == "42") return "database_changed";
    return "database_error";
}

std::string describe(const error& what) { return what.state.empty() ? what.message : what.state + " " + what.message; }

std::string describe_row_error(const error& what) {
    // "Failing row contains (…)": of NOT NULL, CHECK, partitions and views.
    const bool quotes_row = what.state == "23502" || what.state == "23514" || what.state == "44000";
    std::string text = describe(what);
    if (!what.detail.empty() && !quotes_row) text.append(": ").append(what.detail);
    return text;
}

std::string one_line(std::string_view text) {
    constexpr std::size_t most = 500;
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t last = text.find_last_not_of(blanks);
    std::string line(text.substr(0, last == text.npos ? 0 : last + 1));
    for (char& letter : line)
        if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) letter = ' ';
    if (line.size() <= most) return line;
    std::size_t end = most;
    while ((static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;  // Not in the middle of a letter.
    line.resize(end);
    return line += "…";
}

std::string message_of(std::string_view answer) {
    for (;;) {
        std::string_view line = answer.substr(0, answer.find('\n'));
        answer.remove_prefix(std::min(line.size() + 1, answer.size()));
        // "ERROR:  ", in the server's language.
        if (const std::size_t colon = line.find(":  "); colon != line.npos) line.remove_prefix(colon + 3);
        if (line.ends_with('.')) line.remove_suffix(1);
        if (!line.empty() || answer.empty()) return one_line(line);
    }
}

std::optional<copy_place> place_of(std::string_view context, std::string_view table) {
    const std::string begin = "COPY " + std::string(table) + ", ";
    // The COPY comes last, behind what its triggers were at. Where it comes first, a value that the context quotes may
    // hold anything, even this; where triggers stand before it, their statements may, and the row is in COPY's own
    // form, on one line.
    std::size_t at = 0;
    if (!context.starts_with(begin)) {
        at = context.rfind('\n' + begin);
        if (at == context.npos) return {};
        ++at;
    }
    context.remove_prefix(at + begin.size());
    const std::size_t digit = context.find_first_of("0123456789");
    if (digit == context.npos) return {};
    context.remove_prefix(digit);
    std::size_t line = 0;
    const auto read = std::from_chars(context.data(), context.data() + context.size(), line);
    if (read.ec != std::errc() || line == 0) return {};
    return copy_place{line, context.substr(static_cast<std::size_t>(read.ptr - context.data()))};
}

bool names_column(std::string_view behind, std::string_view column) {
    if (!behind.starts_with(", ")) return false;
    const std::size_t blank = behind.find(' ', 2);
    if (blank == behind.npos) return false;
    behind.remove_prefix(blank + 1);
    return behind.starts_with(column) && behind.substr(column.size()).starts_with(':');
}

}  // namespace penstock::detail::postgresql
