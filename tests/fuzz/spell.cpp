#include "formats.hpp"
#include "tests/schedules/choices.hpp"

namespace penstock::testing {

std::string spell(std::span<const std::uint8_t> bytes, const std::vector<std::string>& words) {
    choices script(bytes);
    std::string text;
    while (!script.exhausted()) {
        const std::uint8_t one = script.byte();
        if (one < 224) {
            text += words[one % words.size()];
        } else {
            text += static_cast<char>(script.byte());
        }
    }
    return text;
}

}  // namespace penstock::testing
