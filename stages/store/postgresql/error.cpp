#include "error.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace penstock::detail::postgresql {

blame who_is_to_blame(const error& what) noexcept {
    using namespace std::string_view_literals;
    const auto is_one_of = [](const auto& all, std::string_view one) {
        return std::ranges::find(all, one) != all.end();
    };
    if (what.in_doubt) return blame::world;
    if (what.state.empty()) return what.link_lost ? blame::link : blame::world;
    // An administrator's command, a crash of another backend, a start, idle timeouts, no connection to spare.
    constexpr std::array links{"57P01"sv, "57P02"sv, "57P03"sv, "57P05"sv, "25P03"sv, "53300"sv};
    if (what.kind() == "08" || is_one_of(links, what.state)) return blame::link;
    constexpr std::array servers{"53"sv, "58"sv};
    if (is_one_of(servers, what.kind()) || what.state == "55000") return blame::server;
    constexpr std::array moments{"40"sv, "55"sv};
    if (is_one_of(moments, what.kind()) || what.state == "57014") return blame::moment;
    // 25 is the state of the transaction, such as a server that became read-only.
    constexpr std::array worlds{"25"sv, "57"sv};
    if (what.before_rows || is_one_of(worlds, what.kind())) return blame::world;
    if (what.link_lost) return blame::server;
    return what.kind() == "XX" ? blame::world : blame::row;
}

bool is_conflict(const error& what) noexcept { return what.state == "23505"; }

std::string reason_name(const error& what) {
    if (what.in_doubt) return "database_in_doubt";
    if (what.kind() == "28" || what.state == "42501") return "database_refused";
    if (what.state == "53300") return "database_busy";
    if (what.kind() == "08" || what.state.starts_with("57P") || what.state == "25P03") return "database_lost";
    if (what.state == "53100") return "database_full";
    if (what.state == "53200") return "out_of_memory";
    if (what.state == "25006") return "database_read_only";
    if (what.kind() == "40" || what.kind() == "55" || what.state == "57014") return "database_locked";
    if (what.kind() == "58") return "database_io";
    if (what.state == "XX001" || what.state == "XX002") return "database_corrupt";
    if (what.kind() == "42") return "database_changed";
    if (what.link_lost) return "database_lost";
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

error connect_error(std::string_view said) {
    // "…: FATAL:  57P03: the database system is starting up", behind what other addresses of the host had to say.
    constexpr std::size_t length = 5;
    for (std::size_t at = said.rfind(":  "); at != said.npos; at = at == 0 ? said.npos : said.rfind(":  ", at - 1)) {
        const std::string_view state = said.substr(at + 3, length);
        const auto is_part = [](char letter) {
            return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z');
        };
        if (state.size() < length || !std::ranges::all_of(state, is_part)) continue;
        std::string_view message = said.substr(at + 3 + length);
        if (!message.starts_with(": ")) continue;
        message.remove_prefix(2);
        return {.state = std::string(state),
                .message = one_line(message.substr(0, message.find('\n'))),
                .before_rows = true,
                .link_lost = true};
    }
    return {.message = message_of(said), .link_lost = true};
}

std::optional<copy_place> place_of(std::string_view context, std::string_view table) {
    const std::string begin = "COPY " + std::string(table) + ", ";
    // The COPY comes last, behind what its triggers were at. Where one comes first, of this table or another, a value
    // that the context quotes may hold anything, even this; where triggers stand before it, their statements may, and
    // the row is in COPY's own form, on one line.
    std::size_t at = 0;
    if (!context.starts_with(begin)) {
        if (context.starts_with("COPY ")) return {};
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
