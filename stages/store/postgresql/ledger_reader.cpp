#include "ledger_reader.hpp"

#include "penstock/errors.hpp"

namespace penstock::detail::postgresql {

ledger_reader::ledger_reader(const database& in, const table_specs& tables, const ledger_terms& terms)
    : label_(in.label()), ledger_(tables, terms, in.label()) {
    try {
        session_ = std::make_unique<session>(database_access::address(in));
        ledger_.open(*session_);
    } catch (const error& what) {
        throw preflight_failed("cannot read the ledger in " + label_ + ": " + describe(what));
    }
}

look_up_result ledger_reader::look_up(std::span<const item_key> keys, std::vector<bool>& settled) {
    look_up_result result;
    try {
        ledger_.look_up(*session_, keys, settled);
    } catch (const error& what) {
        result.how = who_is_to_blame(what) == blame::moment ? look_up_end::try_again : look_up_end::gone;
        if (interrupted_.load()) result.how = look_up_end::interrupted;
        result.reason = reason_name(what) + ": the ledger in " + label_ + ": " + describe(what);
    }
    session_->roll_back();
    return result;
}

void ledger_reader::interrupt() noexcept {
    interrupted_.store(true);
    session_->interrupt();
}

}  // namespace penstock::detail::postgresql
