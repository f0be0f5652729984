#pragma once

#include <cstddef>
#include <string_view>

#include "penstock/failure.hpp"
#include "penstock/page.hpp"

namespace penstock::detail {

/// The words for a page that could not be read into rows: where (the pointer, the row if it was in one, the byte at
/// `at` if that is known) and what. Knows no type of simdjson's, for those differ with the compiler's flags.
failure explain_json(const page& from, std::string_view pointer, std::string_view problem, std::size_t rows,
                     bool in_rows, const char* at);

}  // namespace penstock::detail
