#pragma once

#include <cstdint>
#include <string>

#include "../ledger_reader.hpp"
#include "busy_wait.hpp"
#include "handle.hpp"

namespace penstock::detail::sqlite {

/// Looks keys up in a file: a step into an index each, all in one read transaction, which sees the file as it is then.
class ledger_reader final : public detail::ledger_reader {
public:
    ledger_reader(const database& in, const ledger_terms& terms, const store_options& options,
                  const std::stop_token& ending);

    bool held_any() const noexcept override { return held_any_; }
    look_up_result look_up(std::span<const item_key> keys, std::vector<bool>& settled) override;
    bool pause(std::chrono::nanoseconds time) noexcept override { return busy_.pause(time); }
    void interrupt() noexcept override;

private:
    const std::string label_;
    busy_wait busy_;  ///< Outlives the file, which calls it.
    handle file_;
    std::int64_t id_;
    statement look_up_;
    bool held_any_ = false;
};

}  // namespace penstock::detail::sqlite
