#include "bisect.hpp"

#include <utility>

namespace penstock::detail::postgresql {
namespace {

/// Returns whether the whole range went in. `known_bad`: it was refused already, or must be, since its left neighbour
/// was not and both together were. A guess that is wrong costs tries and nothing else.
bool put(item_range range, bool known_bad, const try_items& attempt, std::vector<refusal>& refused) {
    const bool alone = range.last - range.first == 1;
    if (alone || !known_bad) {
        std::optional<std::string> why = attempt(range);
        if (!why) return true;
        if (alone) {
            refused.push_back({range.first, std::move(*why)});
            return false;
        }
    }
    const std::size_t middle = range.first + (range.last - range.first) / 2;
    const bool left = put({range.first, middle}, false, attempt, refused);
    const bool right = put({middle, range.last}, left, attempt, refused);
    return left && right;
}

}  // namespace

std::vector<refusal> bisect(std::size_t items, const try_items& attempt) {
    std::vector<refusal> refused;
    if (items != 0) put({0, items}, true, attempt, refused);
    return refused;
}

}  // namespace penstock::detail::postgresql
