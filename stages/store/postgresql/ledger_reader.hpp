#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "../ledger_reader.hpp"
#include "ledger.hpp"
#include "session.hpp"

namespace penstock::detail::postgresql {

/// Looks keys up on a session of its own: one statement for all of them.
class ledger_reader final : public detail::ledger_reader {
public:
    ledger_reader(const database& in, const table_specs& tables, const ledger_terms& terms);

    look_up_result look_up(std::span<const item_key> keys, std::vector<bool>& settled) override;
    void interrupt() noexcept override;

private:
    const std::string label_;
    ledger ledger_;
    std::atomic<bool> interrupted_{false};
    std::unique_ptr<session> session_;
};

}  // namespace penstock::detail::postgresql
