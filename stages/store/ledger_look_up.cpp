#include "ledger_look_up.hpp"

#include <optional>
#include <utility>

#include "retry_schedule.hpp"

namespace penstock::detail {

void ledger_look_up::open(std::unique_ptr<ledger_reader> from) {
    const std::lock_guard lock(mutex_);
    from_ = std::move(from);
    worth_it_.store(from_ != nullptr && from_->held_any(), std::memory_order_relaxed);
}

bool ledger_look_up::look_up(std::span<slot* const> items, std::vector<bool>& settled, run_services& run) {
    if (!worth_it_.load(std::memory_order_relaxed)) return true;
    // A run whose flow broke down closes its sink without waiting for this thread.
    const std::shared_ptr<ledger_reader> from = [this] {
        const std::lock_guard lock(mutex_);
        return from_;
    }();
    if (from == nullptr) return false;
    keys_.clear();
    for (const slot* item : items) keys_.push_back(item->key);
    retry_schedule schedule(retry_for_);
    for (;;) {
        look_up_result result = from->look_up(keys_, settled);
        if (result.how == look_up_end::found) return true;
        if (result.how == look_up_end::interrupted) return false;
        std::optional<std::chrono::nanoseconds> pause;
        if (result.how == look_up_end::try_again)
            pause = schedule.after_failure(std::chrono::steady_clock::now(), retry_schedule::any_number, 0);
        if (!pause) {
            run.fail_run(std::move(result.reason));
            return false;
        }
        if (!from->pause(*pause)) return false;
    }
}

void ledger_look_up::stop() noexcept {
    const std::lock_guard lock(mutex_);
    if (from_ != nullptr) from_->interrupt();
}

}  // namespace penstock::detail
