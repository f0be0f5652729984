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
    std::string message;
    for (int lines = 0; lines < 2 && !answer.empty(); ++lines) {
        std::string_view line = answer.substr(0, answer.find('\n'));
        answer.remove_prefix(std::min(line.size() + 1, answer.size()));
        // "ERROR:  ", "DETAIL:  ", in the server's language.
        if (const std::size_t colon = line.find(":  "); colon != line.npos) line.remove_prefix(colon + 3);
        if (line.ends_with('.')) line.remove_suffix(1);
        if (line.empty()) continue;
        message.append(message.empty() ? "" : ": ").append(line);
    }
    return one_line(message);
}

std::optional<std::size_t> line_of(std::string_view context, std::string_view table) {
    const std::string begin = "COPY " + std::string(table) + ", ";
    const std::size_t at = context.find(begin);
    if (at == context.npos) return {};
    context.remove_prefix(at + begin.size());
    const std::size_t digit = context.find_first_of("0123456789");
    if (digit == context.npos) return {};
    std::size_t line = 0;
    const auto read = std::from_chars(context.data() + digit, context.data() + context.size(), line);
    if (read.ec != std::errc() || line == 0) return {};
    return line;
}

}  // namespace penstock::detail::postgresql
