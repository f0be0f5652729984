#pragma once

#include "../ledger_desk.hpp"
#include "busy_wait.hpp"
#include "handle.hpp"

namespace penstock::detail::sqlite {

/// A file of ledgers.
class ledger_desk final : public detail::ledger_desk {
public:
    explicit ledger_desk(const database& in);

    std::string ledgers() const override { return "main.penstock_ledgers"; }
    std::string items() const override { return "main.penstock_ledger"; }
    std::string text(std::string_view of) const override;
    std::string key(const item_key& of) const override { return "x'" + to_string(of) + "'"; }
    std::string seconds(std::string_view column) const override { return std::string(column); }
    std::string digits(std::string_view column) const override { return "hex(" + std::string(column) + ")"; }

    answer ask(const std::string& sql) override;
    std::uint64_t remove(const std::string& sql) override;

private:
    const std::string label_;
    busy_wait busy_;  ///< Outlives the file, which calls it.
    handle file_;
};

}  // namespace penstock::detail::sqlite
