#pragma once

#include <string>

#include "penstock/detail/any_ledger.hpp"
#include "penstock/stages/store/table_spec.hpp"

namespace penstock::detail {

/// The version of the ledger's tables, and of what is written into them. A ledger of another one is refused.
inline constexpr int ledger_version = 1;

/// What a connection must know of the ledger that it is to keep.
struct ledger_terms {
    std::string name;  ///< Empty: none is kept.
    bool retry_dead = false;
    std::string job;  ///< What the ledger is of; another job under its name is refused.

    bool wanted() const noexcept { return !name.empty(); }
};

/// Throws `bad_option` for a name that cannot be one: empty, longer than 200 bytes, no text.
void check_ledger_name(std::string_view name);

/// The terms of a run, for a store into these tables.
ledger_terms terms_of(const ledger_choice& choice, const table_specs& tables);

/// Tables and columns in one line, as people would write them: "quotes (symbol text key, price real)". What is not
/// there may change without making it another job: the database's own types, and how conflicts are settled.
std::string describe_job(const table_specs& tables);

/// Why a ledger is refused that was begun with another version or job; empty if it is not. `name` and what was found.
std::string why_ledger_is_refused(const ledger_terms& terms, int found_version, const std::string& found_job);

}  // namespace penstock::detail
