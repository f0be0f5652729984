#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::detail {

/// A JSON pointer (RFC 6901), taken apart once.
class json_pointer {
public:
    /// Throws `bad_option` unless the text is empty or begins with '/', and every '~' is part of "~0" or "~1".
    explicit json_pointer(std::string_view text);

    const std::string& text() const noexcept { return text_; }
    const std::vector<std::string>& tokens() const noexcept { return tokens_; }

    /// A token as the position in an array; nothing if it is no number, or has a leading zero.
    static std::optional<std::size_t> position(std::string_view token) noexcept;

private:
    std::string text_;
    std::vector<std::string> tokens_;
};

}  // namespace penstock::detail
