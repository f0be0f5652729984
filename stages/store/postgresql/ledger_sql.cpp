#include "ledger_sql.hpp"

#include "../quoted_name.hpp"

namespace penstock::detail::postgresql {
namespace {

/// The keys as an array; they are digits only.
std::string array_of(std::span<const item_key> keys) {
    constexpr std::size_t key_size = 33;
    std::string text = "'{";
    text.reserve(keys.size() * key_size + 16);
    for (const item_key& key : keys) {
        if (text.size() > 2) text += ',';
        text += to_string(key);
    }
    return text += "}'::uuid[]";
}

}  // namespace

ledger_tables ledger_tables_beside(const table_specs& tables) {
    const std::vector<std::string>& parts = tables.front()->parts;
    return ledger_tables_in(parts.size() > 1 ? parts.front() : std::string());
}

ledger_tables ledger_tables_in(const std::string& schema) {
    const std::string before = schema.empty() ? "" : quoted_name(schema) + ".";
    return {before + "penstock_ledgers", before + "penstock_ledger"};
}

std::string create_ledger_sql(const ledger_tables& in) {
    return "CREATE TABLE IF NOT EXISTS " + in.ledgers
           + " (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, job text NOT NULL, "
             "version integer NOT NULL, begun timestamp with time zone NOT NULL DEFAULT now()); "
             // The widest first, so that nothing is lost between the columns.
             "CREATE TABLE IF NOT EXISTS "
           + in.items
           + " (settled timestamp with time zone NOT NULL DEFAULT now(), batch bigint, ledger integer NOT NULL, "
             "key uuid NOT NULL, state smallint NOT NULL, letter text, PRIMARY KEY (ledger, key))";
}

std::string ledger_sql::settle_new(std::span<const item_key> keys, std::span<const ledger_note> notes,
                                   std::span<const std::string> letters, std::int64_t batch) const {
    std::string given = "SELECT key, 1::smallint, NULL::text FROM unnest(" + array_of(keys) + ") AS one(key)";
    for (std::size_t at = 0; at < notes.size(); ++at)
        given.append(at == 0 ? " UNION ALL VALUES ('" : ", ('")
            .append(to_string(notes[at].key))
            .append("'::uuid, ")
            .append(std::to_string(static_cast<int>(notes[at].state)))
            .append("::smallint, ")
            .append(letters[at])
            .append(")");
    // Everything goes into the unique index in the order of the keys: programs that settle the same items wait for each
    // other at the first of them, and never in a circle.
    return "INSERT INTO " + in.items + " AS present (ledger, key, state, batch, letter) SELECT " + std::to_string(id)
           + ", given.key, given.state, " + std::to_string(batch) + ", given.letter FROM (" + given
           + ") AS given(key, state, letter) ORDER BY given.key";
}

std::string ledger_sql::settle(std::span<const item_key> keys, std::span<const ledger_note> notes,
                               std::span<const std::string> letters, std::int64_t batch) const {
    return settle_new(keys, notes, letters, batch)
           + " ON CONFLICT (ledger, key) DO UPDATE SET "
             "state = EXCLUDED.state, batch = EXCLUDED.batch, settled = EXCLUDED.settled, letter = EXCLUDED.letter "
             "WHERE present.state = 0 OR present.state = 3 AND "
           + (retry_dead ? "true" : "EXCLUDED.state = 3") + " RETURNING key";
}

std::string ledger_sql::of_batch(std::span<const item_key> keys, std::int64_t batch) const {
    return find(keys, "batch = " + std::to_string(batch) + " AND state = 1");
}

/// Goes down the index for each key. Said as `key = ANY (…)` it is up to statistics, which a table that has just been
/// made does not have: then the whole ledger is read for every thousand keys.
std::string ledger_sql::find(std::span<const item_key> keys, const std::string& where) const {
    return "SELECT found.key FROM unnest(" + array_of(keys) + ") AS given(key) CROSS JOIN LATERAL (SELECT key FROM "
           + in.items + " AS one WHERE one.ledger = " + std::to_string(id) + " AND one.key = given.key AND " + where
           + " LIMIT 1) AS found";
}

std::string ledger_sql::release(std::span<const item_key> keys) const {
    return "DELETE FROM " + in.items + " WHERE ledger = " + std::to_string(id) + " AND key = ANY (" + array_of(keys)
           + ")";
}

std::string ledger_sql::holds_any() const {
    return "SELECT EXISTS (SELECT FROM " + in.items + " WHERE ledger = " + std::to_string(id) + ")";
}

std::string ledger_sql::look_up(std::span<const item_key> keys) const {
    return find(keys, std::string("state NOT IN ") + (retry_dead ? "(0, 3)" : "(0)"));
}

}  // namespace penstock::detail::postgresql
