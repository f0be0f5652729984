#include "penstock/failure.hpp"
#include "penstock/mode.hpp"
#include "penstock/outcome.hpp"
#include "penstock/report.hpp"

namespace penstock {

std::string_view to_string(error_kind kind) noexcept {
    switch (kind) {
        case error_kind::timeout: return "timeout";
        case error_kind::proxy: return "proxy";
        case error_kind::bad_status: return "bad_status";
        case error_kind::rate_limited: return "rate_limited";
        case error_kind::redirect: return "redirect";
        case error_kind::request: return "request";
        case error_kind::truncated: return "truncated";
        case error_kind::too_large: return "too_large";
        case error_kind::parse: return "parse";
        case error_kind::stage: return "stage";
        case error_kind::load: return "load";
        case error_kind::local_resource: return "local_resource";
        case error_kind::other: return "other";
    }
    return "other";
}

std::string_view to_string(outcome how) noexcept {
    switch (how) {
        case outcome::committed: return "committed";
        case outcome::dropped: return "dropped";
        case outcome::dead: return "dead";
        case outcome::skipped: return "skipped";
        case outcome::in_doubt: return "in_doubt";
        case outcome::abandoned: return "abandoned";
    }
    return "abandoned";
}

std::string_view to_string(item_state state) noexcept {
    switch (state) {
        case item_state::pending: return "pending";
        case item_state::committed: return "committed";
        case item_state::dropped: return "dropped";
        case item_state::dead: return "dead";
    }
    return "pending";
}

std::string_view to_string(end_reason reason) noexcept {
    switch (reason) {
        case end_reason::completed: return "completed";
        case end_reason::stopped: return "stopped";
        case end_reason::aborted: return "aborted";
        case end_reason::failed: return "failed";
        case end_reason::no_usable_proxy: return "no_usable_proxy";
    }
    return "failed";
}

std::string_view to_string(mode how) noexcept {
    switch (how) {
        case mode::parallel: return "parallel";
        case mode::serial: return "serial";
        case mode::in_order: return "in_order";
    }
    return "serial";
}

}  // namespace penstock
