#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "../connection.hpp"

namespace penstock::detail::postgresql {

/// Items from `first` to before `last`.
struct item_range {
    std::size_t first;
    std::size_t last;
};

/// Tries to put a range of items into the open transaction; says why it was refused, in which case nothing of it is
/// left there.
using try_items = std::function<std::optional<std::string>(item_range)>;

/// Puts all items but those that are refused by themselves into the transaction, in their order. The whole is known to
/// be refused. Of n items one bad one takes about 2 log2 n tries, n bad ones take 2 n. Knows no database.
std::vector<refusal> bisect(std::size_t items, const try_items& attempt);

}  // namespace penstock::detail::postgresql
