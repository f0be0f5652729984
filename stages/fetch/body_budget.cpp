#include "body_budget.hpp"

#include <utility>

namespace penstock::fetch_stage {

void body_budget::begin(body_share& one) noexcept {
    one.received = 0;
    one.refused = 0;
    one.expected = static_cast<std::size_t>(usual_size());
    awaited_ += one.expected;
    under_way_.push_back(one);
}

void body_budget::expect(body_share& one, std::size_t size) noexcept {
    awaited_ -= left_of(one);
    one.expected = size;
    awaited_ += left_of(one);
}

/// The one that may exceed the bound. The right ends with the transfer, and is given anew once what exceeds the bound
/// is gone.
body_share* body_budget::foremost() noexcept {
    if (foremost_ == nullptr && held() <= most_) foremost_ = under_way_.front();
    return foremost_;
}

bool body_budget::take(body_share& one, std::size_t bytes) noexcept {
    if (held() + bytes > most_ && &one != foremost()) {
        if (one.refused == 0) {
            awaited_ -= left_of(one);
            waiting_.push_back(one);
        }
        one.refused = bytes;
        return false;
    }
    awaited_ -= left_of(one);
    one.received += bytes;
    awaited_ += left_of(one);
    charged_ += bytes;
    peak_ = std::max(peak_, held());
    return true;
}

body_share* body_budget::next_to_go_on() noexcept {
    if (waiting_.empty()) return nullptr;
    body_share* next = foremost();
    if (next == nullptr || next->refused == 0) next = waiting_.front();
    if (next != foremost_ && held() + awaited_ + need_of(*next) > most_) return nullptr;
    go_on(*next);
    return next;
}

void body_budget::go_on(body_share& one) noexcept {
    waiting_.erase(one);
    one.refused = 0;
    awaited_ += left_of(one);
}

void body_budget::finish(body_share& one) noexcept {
    finished_ += one.received;
    usual_size_x8_ += one.received - usual_size();
    leave(one);
}

void body_budget::drop(body_share& one) noexcept {
    if (!ages::holds(one)) return;
    charged_ -= one.received;
    leave(one);
}

void body_budget::leave(body_share& one) noexcept {
    if (one.refused != 0) go_on(one);
    awaited_ -= left_of(one);
    under_way_.erase(one);
    if (foremost_ == &one) foremost_ = nullptr;
}

std::uint64_t body_budget::wanted(bool one_waits_to_begin) const noexcept {
    const std::uint64_t out = finished_ - released_;
    if (out == 0 || (waiting_.empty() && !one_waits_to_begin)) return UINT64_MAX;
    // Less than an eighth of the bound is not worth being woken for, unless there is no more to come.
    const std::uint64_t need = waiting_.empty() ? usual_size() : need_of(*waiting_.front());
    const std::uint64_t full = held() + awaited_ + need;
    const std::uint64_t least = std::max(full > most_ ? full - most_ : 1, most_ / 8);
    return released_ + std::min(out, least);
}

}  // namespace penstock::fetch_stage
