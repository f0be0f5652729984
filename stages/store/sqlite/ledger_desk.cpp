#include "ledger_desk.hpp"

#include <sqlite3.h>

#include "open.hpp"
#include "penstock/errors.hpp"
#include "penstock/stages/store/store_options.hpp"

namespace penstock::detail::sqlite {

ledger_desk::ledger_desk(const database& in)
    : label_(in.label()), busy_(store_options().busy_timeout), file_(open_to_wait(in, busy_)) {}

std::string ledger_desk::text(std::string_view of) const {
    std::string quoted = "'";
    for (const char letter : of) {
        if (letter == '\'') quoted += '\'';
        quoted += letter;
    }
    return quoted += "'";
}

ledger_desk::answer ledger_desk::ask(const std::string& sql) {
    try {
        answer rows;
        const statement asked = file_.prepare(sql);
        while (file_.step(asked)) {
            auto& row = rows.emplace_back();
            for (int column = 0; column < sqlite3_column_count(asked.get()); ++column) {
                const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(asked.get(), column));
                if (text == nullptr)
                    row.emplace_back();
                else
                    row.emplace_back(
                        std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(asked.get(), column))));
            }
        }
        return rows;
    } catch (const error& what) {
        throw preflight_failed("the ledgers in " + label_ + ": " + what.message);
    }
}

std::uint64_t ledger_desk::remove(const std::string& sql) {
    (void)ask(sql);
    return static_cast<std::uint64_t>(sqlite3_changes(file_.native()));
}

}  // namespace penstock::detail::sqlite
