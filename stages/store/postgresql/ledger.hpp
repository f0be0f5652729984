#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "../ledger_page.hpp"
#include "../ledger_terms.hpp"
#include "ledger_sql.hpp"
#include "session.hpp"

namespace penstock::detail::postgresql {

/// What became of an item's key.
enum class claimed : unsigned char {
    now,      ///< It was not settled; it is now, if the transaction commits.
    skipped,  ///< It was settled before, or another item of the batch has the same.
    before,   ///< An earlier try of the same batch has settled it, whose answer was lost.
};

/// A ledger beside the tables, as a writer or a look-up sees it. Throws `error`. One thread at a time.
class ledger {
public:
    /// Knows nothing of the database yet.
    ledger(const table_specs& tables, const ledger_terms& terms, std::string label);

    /// Makes ready for a session that has just begun: makes the tables if they are not there, and the ledger if it is
    /// new, and sees to it that a COMMIT is not answered before it is on disk. In the middle of a run nothing is made
    /// again, for what was committed would not be in it. Outside of any transaction. Throws `preflight_failed` for a
    /// ledger of another job.
    void open(session& on, bool may_create);

    /// Settles what a page holds, before there is any row; says for each of its keys what became of it. Unless it is to
    /// be careful, it takes all for new and only owes that to the server: an error that is `owed` says that this was
    /// wrong, and the transaction is to begin anew with care.
    void settle(session& on, const ledger_page& page, std::vector<claimed>& fates);
    /// Has the next pages settled by asking, which costs more and knows of no conflict.
    void be_careful(unsigned pages) noexcept { careful_ = std::max(careful_, pages); }
    /// Takes claims of this transaction back.
    void release(session& on, std::vector<item_key> keys) const;

    /// True if it holds any item, settled or not.
    bool holds_any(session& on) const;

    /// Sets the flag of each key that is settled.
    void look_up(session& on, std::span<const item_key> keys, std::vector<bool>& settled) const;

private:
    void find_or_begin(session& on, bool may_create);

    const ledger_terms terms_;
    const std::string label_;
    ledger_sql sql_;
    unsigned careful_ = 0;  ///< With so many pages to come.
};

}  // namespace penstock::detail::postgresql
