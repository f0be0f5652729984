#include "activity.hpp"

namespace penstock {

std::string activity::stuck(clock::time_point now, clock::duration at_least) const {
    std::string names;
    for (const place& one : places_) {
        const std::string* piece = one.piece.load(std::memory_order_acquire);
        if (piece == nullptr) continue;
        const auto since = clock::duration(one.since.load(std::memory_order_relaxed));
        const auto inside = now.time_since_epoch() - since;
        if (inside < at_least) continue;
        if (!names.empty()) names += ", ";
        names += *piece + " (for "
                 + std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(inside).count()) + " ms)";
    }
    return names;
}

}  // namespace penstock
