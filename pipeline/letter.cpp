#include "letter.hpp"

#include <string_view>

namespace penstock {

dead_letter letter_of(const detail::slot& item, outcome how) {
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
    return letter;
}

std::string one_line(const dead_letter& letter) {
    std::string line = "item " + std::to_string(letter.item);
    if (!letter.origin.empty()) line += " (" + letter.origin + ")";
    return line + ", " + letter.stage + ", " + std::string(to_string(letter.kind)) + ": " + letter.reason;
}

}  // namespace penstock
