#include "penstock/stages/parse/json_pointer.hpp"

#include <charconv>

#include "penstock/errors.hpp"

namespace penstock::detail {

json_pointer::json_pointer(std::string_view text) : text_(text) {
    if (text.empty()) return;
    if (text.front() != '/') {
        throw bad_option("parse: the JSON pointer \"" + text_ + "\" does not begin with '/'; write \"/" + text_
                         + "\", or \"\" for the whole document");
    }
    std::string token;
    for (std::size_t i = 1; i <= text.size(); ++i) {
        if (i == text.size() || text[i] == '/') {
            tokens_.push_back(std::move(token));
            token.clear();
        } else if (text[i] != '~') {
            token += text[i];
        } else if (i + 1 < text.size() && (text[i + 1] == '0' || text[i + 1] == '1')) {
            token += text[++i] == '0' ? '~' : '/';
        } else {
            throw bad_option("parse: the JSON pointer \"" + text_ + "\" holds a '~' that is neither ~0 nor ~1");
        }
    }
}

std::optional<std::size_t> json_pointer::position(std::string_view token) noexcept {
    if (token.empty() || (token.size() > 1 && token.front() == '0')) return {};
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (error != std::errc() || end != token.data() + token.size()) return {};
    return value;
}

}  // namespace penstock::detail
