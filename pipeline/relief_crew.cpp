#include "relief_crew.hpp"

#include <algorithm>
#include <utility>

namespace penstock {

bool relief_crew::send(std::function<void()> duty) {
    const auto free =
        std::ranges::find_if(places_, [](const place& one) { return !one.taken.load(std::memory_order_acquire); });
    if (free == places_.end()) return false;
    std::atomic<bool>& taken = free->taken;
    taken.store(true, std::memory_order_relaxed);
    try {
        free->thread = detail::own_thread("penstock-flow", [&taken, duty = std::move(duty)] {
            duty();
            taken.store(false, std::memory_order_release);
        });
    } catch (...) {
        taken.store(false, std::memory_order_relaxed);
        throw;
    }
    return true;
}

void relief_crew::join() noexcept {
    for (place& one : places_) one.thread.join();
}

}  // namespace penstock
