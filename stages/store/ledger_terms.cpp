#include "ledger_terms.hpp"

#include "penstock/errors.hpp"
#include "text_rules.hpp"

namespace penstock::detail {

namespace {

constexpr std::size_t longest_name = 200;

}  // namespace

void check_ledger_name(std::string_view name) {
    const auto refuse = [](const std::string& why) { throw bad_option("the name of the ledger " + why); };
    if (name.empty()) refuse("is empty");
    if (name.size() > longest_name)
        refuse("has " + std::to_string(name.size()) + " bytes; give it at most " + std::to_string(longest_name));
    if (const std::string_view why = why_text_is_refused(name); !why.empty()) refuse("is no text: " + std::string(why));
}

ledger_terms terms_of(const ledger_choice& choice, const table_specs& tables) {
    if (choice.name.empty()) return {};
    return {choice.name, choice.retry_dead, describe_job(tables)};
}

std::string describe_job(const table_specs& tables) {
    std::string job;
    for (const auto& table : tables) {
        job.append(job.empty() ? "" : ", ").append(table->name).append(" (");
        const char* between = "";
        for (const column_spec& column : table->columns) {
            job.append(between).append(column.name).append(" ").append(to_string(column.type));
            if (column.key) job += " key";
            if (column.nullable) job += " optional";
            between = ", ";
        }
        job += ')';
    }
    return job;
}

std::string why_ledger_is_refused(const ledger_terms& terms, int found_version, const std::string& found_job) {
    if (found_version != ledger_version)
        return "was begun by another version of penstock (its format is " + std::to_string(found_version)
               + ", this one writes " + std::to_string(ledger_version) + "); give the ledger another name";
    if (found_job != terms.job)
        return "was begun by another job, which stores into " + found_job + "; this one stores into " + terms.job
               + "; give it a ledger of another name, or forget this one";
    return {};
}

}  // namespace penstock::detail
