#include "admit.hpp"

#include <chrono>
#include <exception>
#include <string>

#include "penstock/detail/affordable_text.hpp"

namespace penstock {

using namespace std::chrono_literals;

void admission::run() noexcept {
    while (admit()) {
    }
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
    if (plan_.feed) {
        item.admitted = std::chrono::steady_clock::now();
        plan_.feed->submit(item);
    } else {
        state_.ready().push(detail::slot_chain(item));
    }
}

}  // namespace penstock
