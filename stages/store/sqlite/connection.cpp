#include "connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <optional>

#include "penstock/errors.hpp"
#include "penstock/stages/store/row_encoder.hpp"
#include "sql.hpp"
#include "wire.hpp"

namespace penstock::detail::sqlite {
namespace {

/// What SQLite says to it: a cell that could not be bound would be a NULL.
int bind(sqlite3_stmt* to, int parameter, cell_reader& cells) {
    switch (cells.next()) {
        case tag::integer: return sqlite3_bind_int64(to, parameter, cells.number<std::int64_t>());
        case tag::real: return sqlite3_bind_double(to, parameter, cells.number<double>());
        case tag::text: {
            const std::string_view text = cells.string();
            return sqlite3_bind_text(to, parameter, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
        }
        case tag::bytes: {
            const std::string_view bytes = cells.string();
            return sqlite3_bind_blob(to, parameter, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
        }
        case tag::null: break;
    }
    return sqlite3_bind_null(to, parameter);
}

}  // namespace

connection::connection(const database& to, const table_specs& tables, const store_options& options,
                       const std::stop_token& ending, const ledger_terms& ledger)
    : label_(to.label()), tables_(tables), conflicts_(options.conflicts), busy_(options.busy_timeout), open_([&] {
          const std::stop_callback wake(ending, [this] { busy_.interrupt(); });
          return open(to, tables, options, busy_);
      }()) {
    const std::stop_callback wake(ending, [this] { busy_.interrupt(); });
    try {
        if (ledger.wanted()) ledger_.emplace(open_.file, ledger, label_);
    } catch (const error& what) {
        throw preflight_failed("cannot keep a ledger in " + label_ + ": " + what.message);
    }
}

connection::~connection() = default;

void connection::interrupt() noexcept {
    busy_.interrupt();
    open_.file.interrupt();
}

write_result connection::write_once(item_span items, const ledger_page& page) {
    in_waits()();  // Here the writer's thread is never idle.
    write_result result;
    try {
        try {
            write_together(items, page);
        } catch (const error& refused) {
            open_.file.roll_back();
            if (!blames_row(refused)) throw;
            result.refused = write_apart(items, page);
        }
        result.skipped = std::move(skipped_);
    } catch (const error& what) {
        result = describe(what);
    }
    open_.file.roll_back();
    for (const statement& insert : open_.inserts) sqlite3_clear_bindings(insert.get());  // They point into the items.
    return result;
}

void connection::write_together(item_span items, const ledger_page& page) {
    begin(page);
    row_place at;
    for (std::size_t place = 0; place < items.size(); ++place)
        if (!is_skipped(place)) insert(*items[place], at);
    commit(page);
}

std::vector<refusal> connection::write_apart(item_span items, const ledger_page& page) {
    std::vector<refusal> known;
    std::vector<refusal> refused;
    while (!try_apart(items, page, known, refused)) open_.file.roll_back();
    return refused;
}

bool connection::is_skipped(std::size_t place) const noexcept {
    return std::binary_search(skipped_.begin(), skipped_.end(), place);
}

/// A refused item is not settled with the others: its dead letter comes first.
void connection::refuse(refusal found, const ledger_page& page, std::vector<refusal>& refused) {
    if (!page.keys.empty()) ledger_->release(page.keys[found.item]);
    refused.push_back(std::move(found));
}

/// One pass over the items, each in a savepoint of its own. False if an item took the whole transaction down with it,
/// as a trigger's RAISE(ROLLBACK) does: then it is among the known ones, and they are left out of the next pass.
bool connection::try_apart(item_span items, const ledger_page& page, std::vector<refusal>& known,
                           std::vector<refusal>& refused) {
    refused.clear();
    begin(page);
    for (std::size_t place = 0; place < items.size(); ++place) {
        if (items[place]->rows == 0 || is_skipped(place)) continue;
        const auto bad =
            std::find_if(known.begin(), known.end(), [&](const refusal& one) { return one.item == place; });
        if (bad != known.end()) {
            refuse(*bad, page, refused);
            continue;
        }
        open_.file.run("SAVEPOINT item");
        std::optional<row_place> at = row_place();
        try {
            insert(*items[place], *at);
            // A deferred foreign key would only speak up at COMMIT, where nobody can tell whose it is.
            if (open_.file.foreign_keys_pending()) {
                at.reset();
                throw error{SQLITE_CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed"};
            }
        } catch (const error& what) {
            if (!blames_row(what)) throw;
            refusal found{place, what.message};
            if (at)
                found.reason = "table " + tables_[at->table]->name + ": " + what.message + " " + point_at_row(at->row);
            else if (tables_.size() == 1)
                found.reason = "table " + tables_[0]->name + ": " + what.message;
            if (!open_.file.in_transaction()) {
                known.push_back(std::move(found));
                return false;
            }
            open_.file.run("ROLLBACK TO item");
            refuse(std::move(found), page, refused);
        }
        open_.file.run("RELEASE item");
    }
    commit(page);
    return true;
}

/// Begins a transaction and settles the keys in it, before there is any row.
void connection::begin(const ledger_page& page) {
    if (busy_.interrupted()) throw error{SQLITE_INTERRUPT, "interrupted"};
    open_.file.run("BEGIN IMMEDIATE");
    skipped_.clear();
    for (std::size_t place = 0; place < page.keys.size(); ++place)
        if (!ledger_->claim(page.keys[place], page.batch)) skipped_.push_back(place);
}

void connection::commit(const ledger_page& page) {
    for (const ledger_note& note : page.notes) ledger_->put(note);
    // Inserts into a file that nobody can find any more succeed. This cannot close the gap, only make it very narrow.
    if (open_.file.moved())
        throw error{SQLITE_READONLY_DBMOVED, "the file was moved, replaced or deleted during the run"};
    if (busy_.interrupted()) throw error{SQLITE_INTERRUPT, "interrupted"};
    open_.file.run("COMMIT");
}

/// Inserts the rows of one item; `at` says which one is at work.
void connection::insert(const encoded_rows& item, row_place& at) {
    cell_reader cells(item.bytes);
    for (at.table = 0; at.table < tables_.size(); ++at.table) {
        const int columns = static_cast<int>(tables_[at.table]->columns.size());
        const std::size_t rows = item.of_table(at.table).rows;
        for (at.row = 0; at.row < rows; ++at.row) insert(open_.inserts[at.table].get(), columns, cells);
    }
}

void connection::insert(sqlite3_stmt* into, int columns, cell_reader& cells) {
    // SQLite forgets an interrupt that comes between two statements.
    if (busy_.interrupted()) throw error{SQLITE_INTERRUPT, "interrupted"};
    for (int column = 1; column <= columns; ++column) open_.file.check(bind(into, column, cells));
    const int code = sqlite3_step(into);
    if (code == SQLITE_DONE) {
        sqlite3_reset(into);
        return;
    }
    const error what = open_.file.last_error();
    sqlite3_reset(into);
    throw what;
}

bool connection::blames_row(const error& what) const {
    const blame who = who_is_to_blame(what);
    if (who != blame::maybe_row) return who == blame::row;
    try {
        for (const auto& table : tables_) (void)open_.file.prepare(insert_sql(*table, conflicts_));
        return true;
    } catch (const error&) {
        return false;
    }
}

write_result connection::describe(const error& what) const {
    if (busy_.interrupted()) return {write_end::interrupted, {}, {}};
    const write_end how = who_is_to_blame(what) == blame::moment ? write_end::try_again : write_end::gone;
    return {how, reason_name(what) + ": " + label_ + ": " + what.message, {}};
}

}  // namespace penstock::detail::sqlite
