#include "ledger_look_up.hpp"

#include <utility>

namespace penstock::detail {

void ledger_look_up::open(std::unique_ptr<ledger_reader> from) {
    const std::lock_guard lock(mutex_);
    from_ = std::move(from);
}

bool ledger_look_up::look_up(std::span<slot* const> items, std::vector<bool>& settled, run_services& run) {
    keys_.clear();
    for (const slot* item : items) keys_.push_back(item->key);
    look_up_result result;
    for (unsigned tries = 1; tries <= max_tries; ++tries) {
        result = from_->look_up(keys_, settled);
        if (result.how != look_up_end::try_again) break;
    }
    if (result.how == look_up_end::found) return true;
    if (result.how != look_up_end::interrupted) run.fail_run(std::move(result.reason));
    return false;
}

void ledger_look_up::stop() noexcept {
    const std::lock_guard lock(mutex_);
    if (from_ != nullptr) from_->interrupt();
}

}  // namespace penstock::detail
