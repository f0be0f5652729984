#include "connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <optional>

#include "penstock/stages/store/row_encoder.hpp"
#include "sql.hpp"
#include "wire.hpp"

namespace penstock::detail::sqlite {
namespace {

void bind(sqlite3_stmt* to, int parameter, cell_reader& cells) {
    switch (cells.next()) {
        case tag::integer: sqlite3_bind_int64(to, parameter, cells.number<std::int64_t>()); return;
        case tag::real: sqlite3_bind_double(to, parameter, cells.number<double>()); return;
        case tag::text: {
            const std::string_view text = cells.string();
            sqlite3_bind_text(to, parameter, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
            return;
        }
        case tag::bytes: {
            const std::string_view bytes = cells.string();
            sqlite3_bind_blob(to, parameter, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
            return;
        }
        case tag::null: sqlite3_bind_null(to, parameter); return;
    }
}

}  // namespace

connection::connection(const database& to, const table_spec& table, const store_options& options)
    : label_(to.label()),
      table_(table),
      conflicts_(options.conflicts),
      busy_(options.busy_timeout),
      open_(open(to, table, options, busy_)) {}

connection::~connection() = default;

void connection::interrupt() noexcept {
    busy_.interrupt();
    open_.file.interrupt();
}

write_result connection::write(std::span<const encoded_rows* const> items) {
    write_result result;
    try {
        try {
            write_together(items);
        } catch (const error& refused) {
            open_.file.roll_back();
            if (!blames_row(refused)) throw;
            result.refused = write_apart(items);
        }
    } catch (const error& what) {
        result = describe(what);
    }
    open_.file.roll_back();
    sqlite3_clear_bindings(open_.insert.get());  // They point into the items.
    return result;
}

void connection::write_together(std::span<const encoded_rows* const> items) {
    begin();
    std::size_t row = 0;
    for (const encoded_rows* item : items) insert(*item, row);
    commit();
}

std::vector<refusal> connection::write_apart(std::span<const encoded_rows* const> items) {
    std::vector<refusal> known;
    std::vector<refusal> refused;
    while (!try_apart(items, known, refused)) open_.file.roll_back();
    return refused;
}

/// One pass over the items, each in a savepoint of its own. False if an item took the whole transaction down with it,
/// as a trigger's RAISE(ROLLBACK) does: then it is among the known ones, and they are left out of the next pass.
bool connection::try_apart(std::span<const encoded_rows* const> items, std::vector<refusal>& known,
                           std::vector<refusal>& refused) {
    refused.clear();
    begin();
    for (std::size_t place = 0; place < items.size(); ++place) {
        if (items[place]->rows == 0) continue;
        const auto bad =
            std::find_if(known.begin(), known.end(), [&](const refusal& one) { return one.item == place; });
        if (bad != known.end()) {
            refused.push_back(*bad);
            continue;
        }
        open_.file.run("SAVEPOINT item");
        std::optional<std::size_t> row = 0;
        try {
            insert(*items[place], *row);
            // A deferred foreign key would only speak up at COMMIT, where nobody can tell whose it is.
            if (open_.file.foreign_keys_pending()) {
                row.reset();
                throw error{SQLITE_CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed"};
            }
        } catch (const error& what) {
            if (!blames_row(what)) throw;
            refusal found{place, "table " + table_.name + ": " + what.message + (row ? " " + point_at_row(*row) : "")};
            if (!open_.file.in_transaction()) {
                known.push_back(std::move(found));
                return false;
            }
            refused.push_back(std::move(found));
            open_.file.run("ROLLBACK TO item");
        }
        open_.file.run("RELEASE item");
    }
    commit();
    return true;
}

void connection::begin() {
    if (busy_.interrupted()) throw error{SQLITE_INTERRUPT, "interrupted"};
    open_.file.run("BEGIN IMMEDIATE");
}

void connection::commit() {
    // Inserts into a file that nobody can find any more succeed. This cannot close the gap, only make it very narrow.
    if (open_.file.moved())
        throw error{SQLITE_READONLY_DBMOVED, "the file was moved, replaced or deleted during the run"};
    if (busy_.interrupted()) throw error{SQLITE_INTERRUPT, "interrupted"};
    open_.file.run("COMMIT");
}

/// Inserts the rows of one item; `row` says which one is at work.
void connection::insert(const encoded_rows& item, std::size_t& row) {
    sqlite3_stmt* const insert = open_.insert.get();
    const int columns = static_cast<int>(table_.columns.size());
    cell_reader cells(item.bytes);
    for (row = 0; row < item.rows; ++row) {
        // SQLite forgets an interrupt that comes between two statements.
        if (busy_.interrupted()) throw error{SQLITE_INTERRUPT, "interrupted"};
        for (int column = 1; column <= columns; ++column) bind(insert, column, cells);
        const int code = sqlite3_step(insert);
        if (code == SQLITE_DONE) {
            sqlite3_reset(insert);
            continue;
        }
        const error what = open_.file.last_error();
        sqlite3_reset(insert);
        throw what;
    }
}

bool connection::blames_row(const error& what) const noexcept {
    const blame who = who_is_to_blame(what);
    if (who != blame::maybe_row) return who == blame::row;
    try {
        (void)open_.file.prepare(insert_sql(table_, conflicts_));
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
