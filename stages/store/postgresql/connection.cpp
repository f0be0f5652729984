#include "connection.hpp"

#include <utility>

#include "../retry_schedule.hpp"
#include "merge_sql.hpp"
#include "open.hpp"
#include "penstock/detail/affordable_text.hpp"
#include "penstock/errors.hpp"

namespace penstock::detail::postgresql {

connection::connection(const ledger_terms& ledger, const database& to, const table_specs& tables,
                       const store_options& options)
    : to_(to), specs_(tables), options_(options), terms_(ledger), watch_(to.options().answer_timeout) {
    std::vector<std::string> staging = staging_names(tables);
    for (std::size_t place = 0; place < tables.size(); ++place)
        tables_.emplace_back(*tables[place], place, std::move(staging[place]), options.conflicts);
    if (ledger.wanted()) ledger_.emplace(tables, ledger, to.label());
}

connection::connection(const database& to, const table_specs& tables, const store_options& options,
                       const std::stop_token& ending, const ledger_terms& ledger)
    : connection(ledger, to, tables, options) {
    const std::stop_callback cut(ending, [this] { watch_.interrupt(); });
    session_ = open(to, tables, options, watch_);
    try {
        if (ledger_) ledger_->open(*session_, true);
    } catch (const error& what) {
        throw preflight_failed("cannot keep a ledger in " + to.label() + ": " + describe(what));
    }
}

std::unique_ptr<detail::connection> connection::another() const {
    return std::unique_ptr<connection>(new connection(terms_, to_, specs_, options_));
}

connection::~connection() = default;

write_result connection::write_once(item_span items, const ledger_page& page) {
    const written_page work{items, page};
    write_result result;
    bool link_too = false;
    try {
        if (session_ == nullptr) {
            in_waits()();  // It may take long.
            connect_again();
        }
        if (const auto why = try_together(work)) write_apart(work, *why, result.refused);
        result.skipped = claims_.take_skipped();
    } catch (const error& what) {
        const blame who = who_is_to_blame(what);
        link_too = what.in_doubt || who == blame::link || who == blame::server;
        result = report(what, std::move(result.refused));
    } catch (const preflight_failed& what) {
        result = {write_end::gone, std::string("database_changed: ") + what.what(), {}};
    } catch (...) {
        end_transaction(false);
        throw;
    }
    end_transaction(link_too);
    return result;
}

void connection::connect_again() {
    auto opened = open_again(to_, specs_, options_, watch_);
    if (ledger_) ledger_->open(*opened, false);
    session_ = std::move(opened);
}

/// Ends what is left of a transaction, and the link if it cannot be used for another or is not to be.
void connection::end_transaction(bool link_too) noexcept {
    if (session_ == nullptr) return;
    session_->roll_back();
    if (link_too || !session_->usable()) session_.reset();
}

/// Writes the items in one transaction, in the quickest way that their conflicts allow. If that is refused, says why.
std::optional<refused_try> connection::try_together(const written_page& work) {
    const auto refused_by_rows = [this](const error& what) {
        if (who_is_to_blame(what) != blame::row) throw;
        session_->roll_back();
    };
    try {
        write_together(work, &table_writer::copy);
        return {};
    } catch (const error& what) {
        refused_by_rows(what);
        if (!is_conflict(what) || options_.conflicts == conflict_policy::error) return explain(what, claims_.items());
    }
    try {
        write_together(work, &table_writer::merge);
        return {};
    } catch (const error& what) {
        refused_by_rows(what);
        return explain(what, claims_.items());
    }
}

void connection::write_together(const written_page& work, way way_in) {
    try {
        begin(work);
        put_all(way_in);
    } catch (const error& what) {
        if (!what.owed) throw;
        session_->roll_back();
        // Others are at work on the same list, and will be for a while.
        ledger_->be_careful(16);
        begin(work);
        put_all(way_in);
    }
    commit();
}

/// Puts in what is claimed, and the claims themselves.
void connection::put_all(way way_in) {
    if (claims_.has_rows())
        put(claims_.items(), way_in);
    else
        session_->pay();
}

void connection::put(item_span items, way way_in) {
    for (std::size_t place = 0; place < tables_.size(); ++place) try {
            (tables_[place].*way_in)(*session_, items, in_waits());
        } catch (error& what) {
            what.table = place;
            throw;
        }
}

/// What the refusal of these items means for a dead letter.
refused_try connection::explain(const error& what, item_span items) const {
    // What is only said at the COMMIT has no table, and is asked for again.
    if (!what.table) return {describe_row_error(what)};
    return tables_[*what.table].explain(what, items);
}

void connection::write_apart(const written_page& work, refused_try why, std::vector<refusal>& refused) {
    const claims seen = claims_;
    if (ledger_) ledger_->be_careful(1);
    begin(work);
    // Others may have settled some of the items meanwhile; then the one that the server has named has another place.
    if (!claims_.same_as(seen)) why.item.reset();
    // A deferred constraint would only speak up at COMMIT, where nobody can tell whose it is.
    session_->run("SET CONSTRAINTS ALL IMMEDIATE");
    const item_span items = claims_.items();
    refused = isolate(items.size(), std::move(why),
                      [&](item_range range) { return try_range(items.subspan(range.first, range.size())); });
    for (refusal& one : refused) one.item = claims_.place_of(one.item);
    if (ledger_) {
        // They are not settled with the others: their dead letters come first.
        std::vector<item_key> keys;
        for (const refusal& one : refused) keys.push_back(work.page.keys[one.item]);
        ledger_->release(*session_, std::move(keys));
    }
    commit();
}

/// Puts items into the tables inside a savepoint. If that is refused, says why and goes back to the savepoint.
std::optional<refused_try> connection::try_range(item_span items) {
    session_->run("SAVEPOINT items");
    try {
        put(items, options_.conflicts == conflict_policy::error ? &table_writer::copy : &table_writer::merge);
        session_->run("RELEASE SAVEPOINT items");
        return {};
    } catch (const error& refused) {
        if (who_is_to_blame(refused) != blame::row) throw;
        session_->run("ROLLBACK TO SAVEPOINT items; RELEASE SAVEPOINT items");
        return explain(refused, items);
    }
}

/// Begins a transaction and settles the keys in it, before there is any row.
void connection::begin(const written_page& work) {
    if (watch_.interrupted()) throw error{.message = "interrupted"};
    session_->begin();
    if (ledger_)
        claims_.take(*ledger_, *session_, work.items, work.page);
    else
        claims_.take_all(work.items);
}

void connection::commit() {
    // As late as can be: what is interrupted before its COMMIT is not in doubt.
    if (watch_.interrupted()) throw error{.message = "interrupted"};
    session_->commit();
}

write_result connection::report(const error& what, std::vector<refusal> refused) const {
    // Whoever throws here says that nothing was committed.
    const std::string reason =
        affordable_text([&] { return reason_name(what) + ": " + to_.label() + ": " + describe(what); });
    if (what.in_doubt) return {write_end::in_doubt, reason, std::move(refused)};
    if (watch_.interrupted()) return {write_end::interrupted, {}, {}};
    constexpr unsigned any_number = retry_schedule::any_number;
    switch (who_is_to_blame(what)) {
        case blame::moment: return {write_end::try_again, reason, {}, any_number};
        case blame::link: return {write_end::try_again, reason, {}, any_number, true};
        case blame::server: return {write_end::try_again, reason, {}};
        default: return {write_end::gone, reason, {}};
    }
}

}  // namespace penstock::detail::postgresql
