#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "../ledger_page.hpp"
#include "../ledger_reader.hpp"
#include "../ledger_terms.hpp"
#include "busy_wait.hpp"
#include "handle.hpp"

namespace penstock::detail::sqlite {

/// Makes the ledger's tables if they are not there and the ledger if it is new; its number in the file. Inside no
/// transaction. Throws `error`, and `preflight_failed` for a ledger of another job.
std::int64_t begin_ledger(const handle& file, const ledger_terms& terms, const std::string& label);

/// What a writer does to the ledger, inside its transaction. Throws `error`.
class ledger {
public:
    ledger(const handle& file, const ledger_terms& terms, const std::string& label);

    /// Settles the key as committed; false if it was settled before, or twice in one transaction.
    bool claim(const item_key& key, std::int64_t batch) const;
    /// Takes a claim of this transaction back.
    void release(const item_key& key) const;
    void put(const ledger_note& note) const;

private:
    const handle& file_;
    std::int64_t id_;
    statement claim_, release_, put_;
};

}  // namespace penstock::detail::sqlite
