#pragma once

#include <string>

namespace penstock::detail::sqlite {

// The ledger's two tables: a ledger a row, and an item a row. Keys are blobs of 16 bytes, times seconds since 1970.

/// What makes both tables where they are not there.
std::string create_ledger_sql();

/// Parameters: ledger, key, batch. Changes a row if the key was not settled.
std::string claim_sql(bool retry_dead);

/// Parameters: ledger, key.
std::string release_sql();

/// Parameters: ledger, key, state, letter. What is settled stays as it is, but for the letter of what is dead again.
std::string note_sql(bool retry_dead);

/// Parameter: ledger. A row if it holds any item.
std::string first_of_ledger_sql();

/// Parameters: ledger, key. A row if the key is settled and is not to be taken up again.
std::string look_up_sql(bool retry_dead);

}  // namespace penstock::detail::sqlite
