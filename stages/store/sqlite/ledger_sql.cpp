#include "ledger_sql.hpp"

namespace penstock::detail::sqlite {
namespace {

/// The states that do not count as settled.
std::string open_states(bool retry_dead) { return retry_dead ? "(0, 3)" : "(0)"; }

constexpr const char* now = "CAST(strftime('%s', 'now') AS INTEGER)";

}  // namespace

std::string create_ledger_sql() {
    return "CREATE TABLE IF NOT EXISTS main.penstock_ledgers ("
           // Never the number of one that was forgotten: a run may still be using that.
           "id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, job TEXT NOT NULL, version INTEGER NOT "
           "NULL, "
           "begun INTEGER NOT NULL) STRICT;"
           // In the order of the keys and without a second copy of them: 16 bytes of key, and about 25 around it.
           "CREATE TABLE IF NOT EXISTS main.penstock_ledger ("
           "ledger INTEGER NOT NULL, key BLOB NOT NULL CHECK (length(key) = 16), state INTEGER NOT NULL, "
           "settled INTEGER NOT NULL, batch INTEGER, letter TEXT, PRIMARY KEY (ledger, key)) STRICT, WITHOUT ROWID";
}

std::string claim_sql(bool retry_dead) {
    return "INSERT INTO main.penstock_ledger AS present (ledger, key, state, settled, batch) VALUES (?, ?, 1, "
           + std::string(now)
           + ", ?) ON CONFLICT (ledger, key) DO UPDATE SET state = 1, settled = excluded.settled, "
             "batch = excluded.batch, letter = NULL WHERE present.state IN "
           + open_states(retry_dead);
}

std::string release_sql() { return "DELETE FROM main.penstock_ledger WHERE ledger = ? AND key = ?"; }

std::string note_sql(bool retry_dead) {
    return "INSERT INTO main.penstock_ledger AS present (ledger, key, state, letter, settled) VALUES (?, ?, ?, ?, "
           + std::string(now)
           + ") ON CONFLICT (ledger, key) DO UPDATE SET state = excluded.state, settled = excluded.settled, "
             "letter = excluded.letter WHERE present.state = 0 OR present.state = 3 AND "
           + (retry_dead ? "1" : "excluded.state = 3");
}

std::string first_of_ledger_sql() { return "SELECT 1 FROM main.penstock_ledger WHERE ledger = ? LIMIT 1"; }

std::string look_up_sql(bool retry_dead) {
    return "SELECT 1 FROM main.penstock_ledger WHERE ledger = ? AND key = ? AND state NOT IN "
           + open_states(retry_dead);
}

}  // namespace penstock::detail::sqlite
