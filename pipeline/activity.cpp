#include "activity.hpp"

namespace penstock {

std::string activity::stuck(clock::time_point now, clock::duration at_least) {
    std::string names;
    for (std::size_t i = 0; i < places_.size(); ++i) {
        const std::string* piece = places_[i].piece.load(std::memory_order_acquire);
        const std::uint64_t entries = places_[i].entries.load(std::memory_order_relaxed);
        if (piece == nullptr || entries != seen_[i].entries || seen_[i].first == clock::time_point{}) {
            seen_[i] = {entries, now};
            continue;
        }
        if (now - seen_[i].first < at_least) continue;
        if (!names.empty()) names += ", ";
        names += *piece;
    }
    return names;
}

}  // namespace penstock
