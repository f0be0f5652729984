#include "ledger_reader.hpp"

#include <utility>

#include "penstock/errors.hpp"

namespace penstock::detail::postgresql {

ledger_reader::ledger_reader(const database& in, const table_specs& tables, const ledger_terms& terms,
                             const std::stop_token& ending)
    : in_(in), ledger_(tables, terms, in.label()), watch_(in.options().answer_timeout) {
    const std::stop_callback cut(ending, [this] { watch_.interrupt(); });
    try {
        connect(true);
    } catch (const error& what) {
        throw preflight_failed("cannot read the ledger in " + in.label() + ": " + describe(what));
    }
}

void ledger_reader::connect(bool may_create) {
    auto opened = std::make_unique<session>(database_access::address(in_), in_.options(), watch_);
    ledger_.open(*opened, may_create);
    // A table that has just been made has no statistics, and would be read whole for every key.
    opened->begin();
    opened->run("SET enable_seqscan = off; SET enable_bitmapscan = off");
    held_any_ = ledger_.holds_any(*opened);
    opened->commit();
    session_ = std::move(opened);
}

look_up_result ledger_reader::look_up(std::span<const item_key> keys, std::vector<bool>& settled) {
    look_up_result result;
    try {
        if (session_ == nullptr) connect(false);
        ledger_.look_up(*session_, keys, settled);
    } catch (const error& what) {
        const blame who = who_is_to_blame(what);
        // Of who only reads nothing is in doubt.
        const bool gone = !what.in_doubt && (who == blame::world || who == blame::row);
        result.how = gone ? look_up_end::gone : look_up_end::try_again;
        if (watch_.interrupted()) result.how = look_up_end::interrupted;
        result.reason = reason_name(what) + ": the ledger in " + in_.label() + ": " + describe(what);
        // Nothing is open on it that would be worth keeping.
        session_.reset();
    } catch (const preflight_failed& what) {
        result = {look_up_end::gone, std::string("database_changed: ") + what.what()};
    }
    return result;
}

}  // namespace penstock::detail::postgresql
