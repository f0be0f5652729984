#include "ledger.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <utility>

#include "penstock/errors.hpp"

namespace penstock::detail::postgresql {
namespace {

/// The keys in an answer's first column, sorted.
std::vector<item_key> keys_in(const answer& said) {
    std::vector<item_key> keys;
    keys.reserve(said.size());
    for (const auto& row : said) keys.push_back(read_item_key(*row.front()));
    std::ranges::sort(keys);
    return keys;
}

int number_in(const std::optional<std::string>& cell) {
    int number = 0;
    std::from_chars(cell->data(), cell->data() + cell->size(), number);
    return number;
}

/// A statement of the ledger's own: what it is refused for is no row's fault.
answer ask(session& on, const std::string& sql) {
    try {
        return on.ask(sql);
    } catch (error& what) {
        what.before_rows = true;
        throw;
    }
}

}  // namespace

ledger::ledger(const table_specs& tables, const ledger_terms& terms, std::string label)
    : terms_(terms), label_(std::move(label)), sql_{ledger_tables_beside(tables), 0, terms.retry_dead} {}

void ledger::open(session& on, bool may_create) {
    on.begin();
    (void)ask(on,
              "SELECT pg_catalog.set_config('synchronous_commit', 'on', false) "
              "WHERE pg_catalog.current_setting('synchronous_commit') = 'off'");
    const auto is_there = [&](const std::string& table) {
        return ask(on, "SELECT pg_catalog.to_regclass(" + on.quoted_text(table) + ") IS NOT NULL")[0][0] == "t";
    };
    // A user who may not create tables can use those that are there. Of several programs that begin at once one makes
    // them: the number is just one that nobody else will think of.
    if (may_create && (!is_there(sql_.in.ledgers) || !is_there(sql_.in.items))) {
        (void)ask(on, "SELECT pg_catalog.pg_advisory_xact_lock(8098141306115289965)");
        (void)ask(on, create_ledger_sql(sql_.in));
    }
    find_or_begin(on, may_create);
    // Of no items: it shows that this user may do all that a run will need.
    (void)ask(on, sql_.settle({}, {}, {}, 0) + "; " + sql_.release({}));
    try {
        on.commit();
    } catch (error& what) {
        what.in_doubt = false;  // No row has been sent; whether the ledger is there is seen when it is opened again.
        throw;
    }
}

void ledger::find_or_begin(session& on, bool may_create) {
    const std::string name = on.quoted_text(terms_.name);
    const std::string find = "SELECT id, version, job FROM " + sql_.in.ledgers + " WHERE name = " + name;
    answer found = ask(on, find);
    if (found.empty() && may_create) {
        (void)ask(on, "INSERT INTO " + sql_.in.ledgers + " (name, job, version) VALUES (" + name + ", "
                          + on.quoted_text(terms_.job) + ", " + std::to_string(ledger_version)
                          + ") ON CONFLICT (name) DO NOTHING");
        found = ask(on, find);
    }
    if (found.empty()) throw error{.message = "the ledger was forgotten while it was in use", .before_rows = true};
    if (const std::string why = why_ledger_is_refused(terms_, number_in(found[0][1]), *found[0][2]); !why.empty())
        throw preflight_failed("ledger \"" + terms_.name + "\" in " + label_ + " " + why);
    sql_.id = number_in(found[0][0]);
}

void ledger::settle(session& on, const ledger_page& page, std::vector<claimed>& fates) {
    fates.assign(page.keys.size(), claimed::skipped);
    if (page.keys.empty() && page.notes.empty()) return;
    // The places in the order of their keys, and of equal ones the first that came.
    std::vector<std::size_t> order(page.keys.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t place) { return page.keys[place]; });
    order.erase(std::unique(order.begin(), order.end(),
                            [&](std::size_t a, std::size_t b) { return page.keys[a] == page.keys[b]; }),
                order.end());
    std::vector<item_key> keys;
    keys.reserve(order.size());
    for (const std::size_t place : order) keys.push_back(page.keys[place]);

    // Those of items that the batch has as well are left out.
    std::vector<ledger_note> notes;
    for (const ledger_note& note : page.notes)
        if (!std::ranges::binary_search(keys, note.key)) notes.push_back(note);

    std::vector<std::string> letters;
    for (const ledger_note& note : notes) letters.push_back(note.letter.empty() ? "NULL" : on.quoted_text(note.letter));
    // What is known was mostly looked up before, so a conflict is met only where others work on the same list, or an
    // earlier try has come further than it could tell.
    if (careful_ == 0) {
        on.owe(sql_.settle_new(keys, notes, letters, page.batch));
        for (const std::size_t place : order) fates[place] = claimed::now;
        return;
    }
    --careful_;
    const std::vector<item_key> ours = keys_in(ask(on, sql_.settle(keys, notes, letters, page.batch)));
    std::vector<item_key> others;
    std::ranges::set_difference(keys, ours, std::back_inserter(others));
    std::vector<item_key> before;
    // A statement after the one that has waited: it sees what those transactions have done.
    if (!others.empty()) before = keys_in(ask(on, sql_.of_batch(others, page.batch)));
    for (const std::size_t place : order) {
        if (!std::ranges::binary_search(others, page.keys[place]))
            fates[place] = claimed::now;
        else if (std::ranges::binary_search(before, page.keys[place]))
            fates[place] = claimed::before;
    }
}

void ledger::release(session& on, std::vector<item_key> keys) const {
    if (!keys.empty()) (void)ask(on, sql_.release(keys));
}

bool ledger::holds_any(session& on) const { return ask(on, sql_.holds_any())[0][0] == "t"; }

void ledger::look_up(session& on, std::span<const item_key> keys, std::vector<bool>& settled) const {
    on.begin();
    const std::vector<item_key> found = keys_in(ask(on, sql_.look_up(keys)));
    on.roll_back();  // There is nothing to be kept, and so no answer to wait for.
    for (std::size_t at = 0; at < keys.size(); ++at) settled[at] = std::ranges::binary_search(found, keys[at]);
}

}  // namespace penstock::detail::postgresql
