#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "ledger_terms.hpp"
#include "penstock/item_key.hpp"
#include "penstock/stages/store/database.hpp"
#include "penstock/stages/store/store_options.hpp"

namespace penstock::detail {

/// How a look-up ended.
enum class look_up_end : unsigned char {
    found,        ///< Every key has its answer.
    try_again,    ///< Nobody's fault and perhaps over soon: a lock, a link that was lost.
    gone,         ///< The ledger cannot be read any more.
    interrupted,  ///< `interrupt` was called.
};
struct look_up_result {
    look_up_end how = look_up_end::found;
    std::string reason{};  ///< Why it is `try_again` or `gone`.
};

/// A connection of its own for looking keys up, so that look-ups never wait for a batch. Belongs to one thread at a
/// time, all but `interrupt`.
class ledger_reader {
public:
    virtual ~ledger_reader() = default;

    /// False if the ledger held nothing when it was opened.
    virtual bool held_any() const noexcept = 0;

    /// Sets the flag of every key that is settled and not to be taken up again. One question for all of them.
    virtual look_up_result look_up(std::span<const item_key> keys, std::vector<bool>& settled) = 0;

    /// Waits between two tries; false as soon as it is interrupted.
    virtual bool pause(std::chrono::nanoseconds time) noexcept = 0;

    /// Makes `look_up` and `pause` come back soon, now and for ever after. Any thread.
    virtual void interrupt() noexcept = 0;
};

/// Opens a ledger that a connection has made ready. Throws `preflight_failed`. The token ends the wait for a lock.
std::unique_ptr<ledger_reader> open_ledger(const database& in, const table_specs& tables, const ledger_terms& terms,
                                           const store_options& options, const std::stop_token& ending);

}  // namespace penstock::detail
