#pragma once

#include "classify.hpp"

namespace penstock::fetch_stage {

/// What a failed attempt says about its target. `breaker_options` tells users the same.
enum class testimony : unsigned char {
    alive,    ///< It answered.
    failing,  ///< It spoiled the attempt.
    nothing,  ///< The failure says nothing about it, or only that it wants less.
};

inline testimony testimony_of(const verdict& judged) noexcept {
    const failure& why = judged.why;
    if (judged.of_proxy != fault_scope::none || why.status == 429) return testimony::nothing;
    switch (why.kind) {
        case error_kind::bad_status:
            return why.status >= 500 && why.status <= 599 ? testimony::failing : testimony::alive;
        case error_kind::timeout: return testimony::failing;
        case error_kind::truncated: return testimony::failing;
        case error_kind::redirect:
        case error_kind::too_large: return testimony::alive;
        // A connection that was lost or never came; a URL or certificate that is no good is not worth a retry.
        case error_kind::request: return judged.worth_a_retry ? testimony::failing : testimony::nothing;
        default: return testimony::nothing;
    }
}

}  // namespace penstock::fetch_stage
