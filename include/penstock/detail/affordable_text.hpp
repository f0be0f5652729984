#pragma once

#include <string>
#include <utility>

namespace penstock::detail {

/// The text that `say` makes, for code that must not throw. If there is no memory for it: one that is short enough to
/// need none.
template <class Say>
std::string affordable_text(Say&& say) noexcept {
    try {
        return std::forward<Say>(say)();
    } catch (...) {
        return "out of memory";
    }
}

}  // namespace penstock::detail
