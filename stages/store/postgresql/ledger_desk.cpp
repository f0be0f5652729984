#include "ledger_desk.hpp"

#include <cstdlib>

#include "penstock/errors.hpp"

namespace penstock::detail::postgresql {

ledger_desk::ledger_desk(const database& in, const std::string& schema)
    : label_(in.label()), tables_(ledger_tables_in(schema)), watch_(in.options().answer_timeout) {
    try {
        session_ = std::make_unique<session>(database_access::address(in), in.options(), watch_);
    } catch (const error& what) {
        throw preflight_failed("cannot reach the ledgers in " + label_ + ": " + describe(what));
    }
}

std::string ledger_desk::seconds(std::string_view column) const {
    return "extract(epoch FROM " + std::string(column) + ")::bigint";
}

ledger_desk::answer ledger_desk::ask(const std::string& sql) {
    try {
        session_->begin();
        answer rows = session_->ask(sql);
        session_->commit();
        return rows;
    } catch (const error& what) {
        session_->roll_back();
        throw preflight_failed("the ledgers in " + label_ + ": " + describe(what));
    }
}

std::uint64_t ledger_desk::remove(const std::string& sql) {
    const answer gone = ask("WITH gone AS (" + sql + " RETURNING 1) SELECT count(*) FROM gone");
    return std::strtoull(gone[0][0]->c_str(), nullptr, 10);
}

}  // namespace penstock::detail::postgresql
