#pragma once

#include <memory>

#include "../ledger_desk.hpp"
#include "ledger_sql.hpp"
#include "session.hpp"
#include "watchdog.hpp"

namespace penstock::detail::postgresql {

/// A server with ledgers.
class ledger_desk final : public detail::ledger_desk {
public:
    ledger_desk(const database& in, const std::string& schema);

    std::string ledgers() const override { return tables_.ledgers; }
    std::string items() const override { return tables_.items; }
    std::string text(std::string_view of) const override { return session_->quoted_text(std::string(of)); }
    std::string key(const item_key& of) const override { return "'" + to_string(of) + "'::uuid"; }
    std::string seconds(std::string_view column) const override;
    std::string digits(std::string_view column) const override { return std::string(column) + "::text"; }

    answer ask(const std::string& sql) override;
    std::uint64_t remove(const std::string& sql) override;

private:
    const std::string label_;
    const ledger_tables tables_;
    watchdog watch_;  ///< Outlives the session, which it looks after.
    std::unique_ptr<session> session_;
};

}  // namespace penstock::detail::postgresql
