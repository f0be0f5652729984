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

    std::size_t size() const noexcept { return last - first; }
};

/// What the server said to a range of items that it would not take.
struct refused_try {
    std::string reason;
    /// The item that it was about, counted from the first of the range, if the server has said so.
    std::optional<std::size_t> item{};
};

/// Tries to put a range of items into the open transaction; says why it was refused, in which case nothing of it is
/// left there.
using try_items = std::function<std::optional<refused_try>(item_range)>;

/// Puts all items but those that are refused by themselves into the transaction, in their order. `why` is what was said
/// to all of them together. Knows no database.
///
/// An item that the server names is left out, and what stands before and behind it goes in by two tries. Where it names
/// none, halving finds one bad item of n in about 2 log2 n tries. The tries for n bad items, and what is sent in them
/// over and over, grow with n and no faster.
std::vector<refusal> isolate(std::size_t items, refused_try why, const try_items& attempt);

}  // namespace penstock::detail::postgresql
