#include "letter.hpp"

namespace penstock {

std::string one_line(const dead_letter& letter) {
    std::string line = "item " + std::to_string(letter.item);
    if (!letter.origin.empty()) line += " (" + letter.origin + ")";
    return line + ", " + letter.stage + ", " + std::string(to_string(letter.kind)) + ": " + letter.reason;
}

}  // namespace penstock
