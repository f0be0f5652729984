#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "penstock/request.hpp"

namespace penstock::fetch_stage {

/// True for what names of fields and methods are made of.
bool is_token_character(char c) noexcept;

/// Why a header may not be sent, to be read behind the header's name; empty if it may. Refused are names that are no
/// tokens, values that would end the line, and the fields that only the connection may set.
std::string_view problem_of(const header& field) noexcept;

/// How a message calls a header that may not be sent, the `number`-th of its list (from 1): by its name, such as
/// `header "X-Key"`, or by that number, such as `header 2`, if the name is none, for then it may hold the value, with a
/// secret in it. Throws `std::bad_alloc`.
std::string show_header(const header& field, std::size_t number);

/// True if the header may follow a redirect to another origin: it can hold no secret.
bool may_change_origin(std::string_view name) noexcept;

}  // namespace penstock::fetch_stage
