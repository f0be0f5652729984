#pragma once

#include <chrono>
#include <memory>
#include <stop_token>

#include "../ledger_reader.hpp"
#include "ledger.hpp"
#include "session.hpp"
#include "watchdog.hpp"

namespace penstock::detail::postgresql {

/// Looks keys up on a session of its own: one statement for all of them. A link that is lost is made anew by the next
/// look-up.
class ledger_reader final : public detail::ledger_reader {
public:
    ledger_reader(const database& in, const table_specs& tables, const ledger_terms& terms,
                  const std::stop_token& ending);

    bool held_any() const noexcept override { return held_any_; }
    look_up_result look_up(std::span<const item_key> keys, std::vector<bool>& settled) override;
    bool pause(std::chrono::nanoseconds time) noexcept override { return watch_.pause(time); }
    void interrupt() noexcept override { watch_.interrupt(); }

private:
    void connect(bool may_create);

    const database in_;
    ledger ledger_;
    watchdog watch_;                    ///< Outlives the session, which it looks after.
    std::unique_ptr<session> session_;  ///< None while the link is lost.
    bool held_any_ = false;
};

}  // namespace penstock::detail::postgresql
