#include "transfer_pool.hpp"

#include <new>

namespace penstock::fetch_stage {

transfer_pool::~transfer_pool() {
    for (const auto& one : all_) cancel(*one);
}

transfer& transfer_pool::take(host_queue& host, host_queue*& left) {
    left = nullptr;
    if (idle_place* const warm = host.idle.front()) {
        auto& one = static_cast<transfer&>(*warm);
        leave_idle(one);
        return one;
    }
    if (all_.size() < most_) {
        return *all_.emplace_back(
            std::make_unique<transfer>(around_, static_cast<unsigned>(all_.size() % multis_.size())));
    }
    if (idle_.empty()) throw std::bad_alloc();
    auto& one = static_cast<transfer&>(*idle_.front());
    left = one.home;
    leave_idle(one);
    return one;
}

void transfer_pool::keep(transfer& one, host_queue& host) noexcept {
    one.end();
    one.home = &host;
    host.idle.push_front(one);
    idle_.push_back(one);
}

void transfer_pool::leave_idle(transfer& one) noexcept {
    one.home->idle.erase(one);
    one.home = nullptr;
    idle_.erase(one);
}

}  // namespace penstock::fetch_stage
