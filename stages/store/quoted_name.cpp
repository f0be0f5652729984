#include "quoted_name.hpp"

namespace penstock::detail {

std::string quoted_name(std::string_view name) {
    std::string text = "\"";
    for (const char letter : name) {
        if (letter == '"') text += '"';
        text += letter;
    }
    return text += '"';
}

}  // namespace penstock::detail
