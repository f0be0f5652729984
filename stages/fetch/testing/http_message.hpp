#pragma once

#include <string_view>

namespace penstock::testing::detail {

/// Whether two header names or tokens are the same, ASCII case apart.
[[nodiscard]] bool same_token(std::string_view left, std::string_view right) noexcept;

/// Whether a comma-separated header value such as that of Connection contains this token.
[[nodiscard]] bool lists_token(std::string_view value, std::string_view token) noexcept;

/// Without the blanks and tabs at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

/// The usual phrase of a status code, or "Status" for one that has none.
[[nodiscard]] std::string_view usual_reason(int status) noexcept;

}  // namespace penstock::testing::detail
