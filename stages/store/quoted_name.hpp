#pragma once

#include <string>
#include <string_view>

namespace penstock::detail {

/// A name as SQL has it, in every database: in double quotes, with those inside doubled.
std::string quoted_name(std::string_view name);

}  // namespace penstock::detail
