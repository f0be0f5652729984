#include "ledger.hpp"

#include <sqlite3.h>

#include "key_blob.hpp"
#include "ledger_sql.hpp"
#include "penstock/errors.hpp"

namespace penstock::detail::sqlite {
namespace {

void bind_text(const handle& file, const statement& to, int parameter, const std::string& text) {
    file.check(sqlite3_bind_text(to.get(), parameter, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT));
}

/// Runs a statement that gives no rows, and makes it ready for the next time.
void run_once(const handle& file, const statement& of) {
    const int code = sqlite3_step(of.get());
    if (code == SQLITE_DONE) {
        sqlite3_reset(of.get());
        return;
    }
    const error what = file.last_error();
    sqlite3_reset(of.get());
    throw what;
}

std::int64_t number_of(const handle& file, const ledger_terms& terms, const std::string& label) {
    const statement begin = file.prepare(
        "INSERT OR IGNORE INTO main.penstock_ledgers (name, job, version, begun) VALUES (?, ?, ?, "
        "CAST(strftime('%s', 'now') AS INTEGER))");
    bind_text(file, begin, 1, terms.name);
    bind_text(file, begin, 2, terms.job);
    sqlite3_bind_int(begin.get(), 3, ledger_version);
    run_once(file, begin);

    const statement find = file.prepare("SELECT id, version, job FROM main.penstock_ledgers WHERE name = ?");
    bind_text(file, find, 1, terms.name);
    if (!file.step(find)) throw error{SQLITE_CORRUPT, "the ledger is gone as soon as it is made"};
    const std::string job(reinterpret_cast<const char*>(sqlite3_column_text(find.get(), 2)),
                          static_cast<std::size_t>(sqlite3_column_bytes(find.get(), 2)));
    if (const std::string why = why_ledger_is_refused(terms, sqlite3_column_int(find.get(), 1), job); !why.empty())
        throw preflight_failed("ledger \"" + terms.name + "\" in " + label + " " + why);
    return sqlite3_column_int64(find.get(), 0);
}

}  // namespace

std::int64_t begin_ledger(const handle& file, const ledger_terms& terms, const std::string& label) {
    file.run("BEGIN IMMEDIATE");
    try {
        file.run(create_ledger_sql());
        const std::int64_t id = number_of(file, terms, label);
        file.run("COMMIT");
        return id;
    } catch (...) {
        file.roll_back();
        throw;
    }
}

ledger::ledger(const handle& file, const ledger_terms& terms, const std::string& label)
    : file_(file),
      id_(begin_ledger(file, terms, label)),
      claim_(file.prepare(claim_sql(terms.retry_dead))),
      release_(file.prepare(release_sql())),
      put_(file.prepare(note_sql(terms.retry_dead))) {
    for (const statement* one : {&claim_, &release_, &put_}) sqlite3_bind_int64(one->get(), 1, id_);
}

bool ledger::claim(const item_key& key, std::int64_t batch) const {
    file_.check(bind_key(claim_.get(), 2, key));
    sqlite3_bind_int64(claim_.get(), 3, batch);
    run_once(file_, claim_);
    return sqlite3_changes(file_.native()) == 1;
}

void ledger::release(const item_key& key) const {
    file_.check(bind_key(release_.get(), 2, key));
    run_once(file_, release_);
}

void ledger::put(const ledger_note& note) const {
    file_.check(bind_key(put_.get(), 2, note.key));
    sqlite3_bind_int(put_.get(), 3, static_cast<int>(note.state));
    if (note.letter.empty())
        sqlite3_bind_null(put_.get(), 4);
    else
        bind_text(file_, put_, 4, note.letter);
    run_once(file_, put_);
}

}  // namespace penstock::detail::sqlite
