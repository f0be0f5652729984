#include "penstock/ledgers.hpp"

#include <charconv>
#include <utility>

#include "ledger_desk.hpp"
#include "penstock/detail/letters.hpp"

namespace penstock {

namespace {

using detail::ledger_desk;

std::uint64_t number_in(const std::optional<std::string>& cell) {
    std::uint64_t number = 0;
    if (cell) std::from_chars(cell->data(), cell->data() + cell->size(), number);
    return number;
}

std::chrono::sys_seconds time_in(const std::optional<std::string>& cell) {
    return std::chrono::sys_seconds(std::chrono::seconds(number_in(cell)));
}

/// The number of a ledger; nothing if there is none of that name.
std::optional<std::string> id_of(ledger_desk& at, std::string_view name) {
    const auto found = at.ask("SELECT id FROM " + at.ledgers() + " WHERE name = " + at.text(name));
    return found.empty() ? std::nullopt : found[0][0];
}

std::string item_columns(const ledger_desk& at) {
    return at.digits("key") + ", state, " + at.seconds("settled") + ", letter";
}

ledger_item item_in(const std::vector<std::optional<std::string>>& row) {
    ledger_item item{read_item_key(*row[0]), static_cast<item_state>(number_in(row[1])), time_in(row[2]), {}};
    if (row[3]) item.letter = detail::read_letter(*row[3]).value_or(dead_letter());
    return item;
}

std::uint64_t forget_by_number(ledger_desk& at, const std::string& id) {
    // In steps, each well below the time that a server has for an answer.
    const std::string some = "DELETE FROM " + at.items() + " WHERE ledger = " + id + " AND key IN (SELECT key FROM "
                             + at.items() + " WHERE ledger = " + id + " LIMIT 20000)";
    std::uint64_t gone = 0;
    while (const std::uint64_t now = at.remove(some)) gone += now;
    at.remove("DELETE FROM " + at.ledgers() + " WHERE id = " + id);
    return gone;
}

}  // namespace

ledgers::ledgers(database in, std::string_view schema) : in_(std::move(in)), schema_(schema) {}

std::unique_ptr<ledger_desk> ledgers::open() const { return detail::open_desk(in_, schema_); }

std::vector<ledger_summary> ledgers::list() const {
    const auto at = open();
    std::string counts;
    for (std::size_t state = 0; state < item_state_count; ++state)
        counts += ", count(CASE WHEN i.state = " + std::to_string(state) + " THEN 1 END)";
    const auto rows = at->ask("SELECT l.name, l.job, " + at->seconds("l.begun") + ", "
                              + at->seconds("coalesce(max(i.settled), l.begun)") + counts + " FROM " + at->ledgers()
                              + " AS l LEFT JOIN " + at->items()
                              + " AS i ON i.ledger = l.id GROUP BY l.id, l.name, l.job, l.begun ORDER BY l.name");
    std::vector<ledger_summary> all;
    for (const auto& row : rows) {
        ledger_summary one{*row[0], *row[1], time_in(row[2]), time_in(row[3]), {}};
        for (std::size_t state = 0; state < item_state_count; ++state) one.items[state] = number_in(row[4 + state]);
        all.push_back(std::move(one));
    }
    return all;
}

bool ledgers::contains(std::string_view name) const {
    const auto at = open();
    return id_of(*at, name).has_value();
}

std::optional<ledger_item> ledgers::find(std::string_view name, const item_key& key) const {
    const auto at = open();
    const auto id = id_of(*at, name);
    if (!id) return {};
    const auto rows = at->ask("SELECT " + item_columns(*at) + " FROM " + at->items() + " WHERE ledger = " + *id
                              + " AND key = " + at->key(key));
    if (rows.empty()) return {};
    return item_in(rows.front());
}

std::vector<ledger_item> ledgers::dead(std::string_view name, std::size_t most, const item_key& behind) const {
    const auto at = open();
    const auto id = id_of(*at, name);
    std::vector<ledger_item> items;
    if (!id) return items;
    for (const auto& row :
         at->ask("SELECT " + item_columns(*at) + " FROM " + at->items() + " WHERE ledger = " + *id
                 + " AND state = 3 AND key > " + at->key(behind) + " ORDER BY key LIMIT " + std::to_string(most)))
        items.push_back(item_in(row));
    return items;
}

std::uint64_t ledgers::forget(std::string_view name) const {
    const auto at = open();
    const auto id = id_of(*at, name);
    return id ? forget_by_number(*at, *id) : 0;
}

std::vector<std::string> ledgers::forget_unused_since(std::chrono::sys_seconds then) const {
    std::vector<std::string> names;
    for (const ledger_summary& one : list()) {
        if (one.last >= then) continue;
        forget(one.name);
        names.push_back(one.name);
    }
    return names;
}

}  // namespace penstock
