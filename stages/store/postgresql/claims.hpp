#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "ledger.hpp"
#include "penstock/stages/store/encoded_rows.hpp"
#include "session.hpp"

namespace penstock::detail::postgresql {

/// Which items of a batch a transaction is to write: all of them, or those whose keys the ledger did not hold.
class claims {
public:
    using item_span = std::span<const encoded_rows* const>;

    /// Everything is to be written, for there is no ledger.
    void take_all(item_span items);
    /// Settles the keys in the open transaction. Throws `error`.
    void take(ledger& in, session& on, item_span items, const ledger_page& page);

    /// The items to be written, in their order.
    item_span items() const noexcept { return thinned_ ? item_span(kept_) : all_; }
    bool has_rows() const noexcept;

    /// The place in the batch of an item to be written.
    std::size_t place_of(std::size_t item) const noexcept { return thinned_ ? places_[item] : item; }

    /// The places of the items that somebody else has settled, given away: there may be no memory for a copy.
    std::vector<std::size_t> take_skipped() noexcept { return std::move(skipped_); }

    /// True if the same items of the same batch are to be written.
    bool same_as(const claims& other) const noexcept { return thinned_ == other.thinned_ && places_ == other.places_; }

private:
    item_span all_;
    bool thinned_ = false;  ///< Something is not to be written.
    std::vector<const encoded_rows*> kept_;
    std::vector<std::size_t> places_;
    std::vector<std::size_t> skipped_;
    std::vector<claimed> fates_;
};

}  // namespace penstock::detail::postgresql
