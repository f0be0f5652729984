#include "isolate.hpp"

#include <algorithm>
#include <utility>

namespace penstock::detail::postgresql {
namespace {

class isolation {
public:
    isolation(std::size_t items, const try_items& attempt) : may_waste_(4 * items), attempt_(attempt) {}

    /// Returns whether the whole range went in. `known` is what was said to it already; `bad` that it must be refused,
    /// since its left neighbour was not and both together were. A guess that is wrong costs tries and nothing else.
    bool put(item_range range, std::optional<refused_try> known, bool bad = false) {
        bool all = true;
        std::size_t most = range.size();
        while (range.first < range.last) {
            const item_range next{range.first, range.first + std::min(most, range.size())};
            range.first = next.last;
            if (!known && !(bad && next.size() > 1)) known = attempt_(next);
            if (!known && !bad) {
                most = std::max(most, 2 * next.size());
                continue;
            }
            if (next.size() == 1) {
                if (known) refuse(next.first, std::move(known->reason)), all = false;
            } else if (known && known->item) {
                range.first = put_around(next, std::move(*known)) + 1;
                all = false;
                // Where bad items are many, what is sent behind them would be sent again for each.
                if (wasted_ > may_waste_) most = std::max<std::size_t>(1, 2 * (range.first - 1 - next.first));
            } else {
                all = halve(next) && all;
            }
            known.reset();
            bad = false;
        }
        return all;
    }

    std::vector<refusal> refused;

private:
    /// Puts the items before the one that the server has named, and refuses that one. Returns its place.
    std::size_t put_around(item_range range, refused_try said) {
        const std::size_t named = range.first + *said.item;
        wasted_ += range.last - named;
        // It may have been refused for the sake of one that is not there any more, such as the first of two equal keys.
        if (put({range.first, named}, {}))
            refuse(named, std::move(said.reason));
        else
            put({named, named + 1}, {});
        return named;
    }

    bool halve(item_range range) {
        const std::size_t middle = range.first + range.size() / 2;
        const bool left = put({range.first, middle}, {});
        const bool right = put({middle, range.last}, {}, left);
        return left && right;
    }

    void refuse(std::size_t item, std::string reason) { refused.push_back({item, std::move(reason)}); }

    const std::size_t may_waste_;  ///< How many items may be sent in vain before ranges become short.
    std::size_t wasted_ = 0;
    const try_items& attempt_;
};

}  // namespace

std::vector<refusal> isolate(std::size_t items, refused_try why, const try_items& attempt) {
    isolation all(items, attempt);
    // What was said to one at the COMMIT says less than what is said when constraints are immediate.
    if (items == 1 && !why.item)
        all.put({0, 1}, {});
    else if (items != 0)
        all.put({0, items}, std::move(why));
    return std::move(all.refused);
}

}  // namespace penstock::detail::postgresql
