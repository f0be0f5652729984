#include "admit.hpp"

#include <chrono>
#include <exception>
#include <string>

#include "look_up.hpp"
#include "penstock/detail/affordable_text.hpp"

namespace penstock {

using namespace std::chrono_literals;

namespace {

/// The key of a value that is in nobody's hands yet, and does not outlive a failure.
item_key key_of(const detail::value_type& type, void* value) {
    try {
        return type.key(value);
    } catch (...) {
        type.destroy(value);
        throw;
    }
}

}  // namespace

void admission::run() noexcept {
    while (admit()) {
    }
    if (ledger_ != nullptr) ledger_->close();
    state_.close_admission();
}

bool admission::admit() noexcept {
    try {
        detail::slot* const slot = wait_for_slot();
        if (slot == nullptr || !pull(*slot)) return false;
        send(*slot);
        return true;
    } catch (const std::exception& error) {
        fail(error.what());
    } catch (...) {
        fail("it threw what is no std::exception");
    }
    return false;
}

void admission::fail(const char* why) noexcept {
    state_.fail_run(detail::affordable_text([&] {
        return "the source '" + plan_.source->name() + "' failed after " + std::to_string(taken_) + " items: " + why;
    }));
}

detail::slot* admission::wait_for_slot() {
    while (!ending_.stop_requested()) {
        if (detail::slot* const one = state_.table().take()) return one;
        // The end of the run pokes; the bound on the wait is there so that no wait of ours is without one.
        if (detail::slot* const one = state_.table().take_until(std::chrono::steady_clock::now() + 1s)) return one;
    }
    return nullptr;
}

bool admission::pull(detail::slot& into) {
    const detail::value_type& type = plan_.source->makes();
    void* const room = plan_.feed ? into.origin() : into.value();
    const place_held inside(doing_, doing_.source_place(), plan_.source->name());
    if (!plan_.source->next(room, ending_)) return false;
    // Before the value belongs to the slot: there it would be settled, though it was never taken.
    if (ledger_ != nullptr) into.key = key_of(type, room);
    if (plan_.feed) {
        into.set_origin(type);
    } else {
        into.set_value(type);
        if (type.copy != nullptr) {
            type.copy(into.origin(), room);
            into.set_origin(type);
        }
    }
    return true;
}

void admission::send(detail::slot& item) noexcept {
    item.ordinal = taken_++;
    item.in_flight = true;
    state_.metrics().taken.store(taken_, std::memory_order_release);  // Nobody else writes it.
    if (ledger_ != nullptr)
        ledger_->add(item);
    else
        send_on(plan_, state_, item);
}

void send_on(detail::blueprint& plan, run_state& state, detail::slot& item) noexcept {
    if (plan.feed) {
        item.admitted = std::chrono::steady_clock::now();
        plan.feed->submit(item);
    } else {
        state.ready().push(detail::slot_chain(item));
    }
}

}  // namespace penstock
