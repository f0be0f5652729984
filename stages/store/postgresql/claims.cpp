#include "claims.hpp"

#include <algorithm>

namespace penstock::detail::postgresql {

void claims::take_all(item_span items) {
    all_ = items;
    thinned_ = false;
    kept_.clear();
    places_.clear();
    skipped_.clear();
}

void claims::take(ledger& in, session& on, item_span items, const ledger_page& page) {
    take_all(items);
    in.settle(on, page, fates_);
    thinned_ = std::ranges::any_of(fates_, [](claimed fate) { return fate != claimed::now; });
    for (std::size_t place = 0; thinned_ && place < items.size(); ++place) {
        if (fates_[place] == claimed::skipped) skipped_.push_back(place);
        if (fates_[place] != claimed::now) continue;
        kept_.push_back(items[place]);
        places_.push_back(place);
    }
}

bool claims::has_rows() const noexcept {
    return std::ranges::any_of(items(), [](const encoded_rows* item) { return item->rows != 0; });
}

}  // namespace penstock::detail::postgresql
