#pragma once

#include <string>
#include <vector>

#include "penstock/page.hpp"
#include "penstock/source.hpp"

namespace penstock::testing {

/// A source of pages with these bodies, in their order: what fetch would have made of answers with status 200. The
/// pages' URLs are `test://page/0` and so on.
bare_source<page> pages(std::vector<std::string> bodies);

}  // namespace penstock::testing
