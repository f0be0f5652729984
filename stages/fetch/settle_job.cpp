#include <utility>

#include "fetch_run.hpp"
#include "show_time.hpp"
#include "split_url.hpp"

// How a job leaves fetch: its item goes to the finished ones, once.
namespace penstock::fetch_stage {

failure fetch_run::out_of_time(const std::string& what) const {
    return {error_kind::timeout, "item_timeout of " + show_time(run_.item_timeout()) + ' ' + what};
}

void fetch_run::run_out_of_time(job& one) {
    std::string phase_name;
    const bool waits_for_pause = one.sending == nullptr && one.waiting == job::waits_for::host && one.host->pausing;
    if (one.sending != nullptr) {
        phase_name = "in attempt " + std::to_string(one.attempts) + " while "
                     + std::string(to_string(one.sending->reached())) + ": " + show_url(one.sending->url());
    } else if (one.waiting == job::waits_for::proxy) {
        phase_name = "while waiting for room at the proxy " + proxies_.at(one.waits_at).shown();
    } else if (one.waiting == job::waits_for::target) {
        phase_name = "while " + std::string(one.target()) + " is taken for dead";
    } else if (one.attempts != 0) {
        phase_name =
            "while waiting for a retry (attempt " + std::to_string(one.attempts) + ": " + one.last_reason + ')';
    } else if (waits_for_pause) {
        phase_name = "while " + one.host->origin + " asks to wait";
    } else if (room_needed_) {
        phase_name =
            "while waiting for room in max_bytes_in_flight of " + std::to_string(run_.max_bytes_in_flight()) + " bytes";
    } else {
        phase_name = "while waiting for its turn at " + one.host->origin
                     + ", with connections_per_host = " + std::to_string(options_.connections_per_host);
    }
    failure why = out_of_time("used up " + phase_name);
    why.status = one.sending != nullptr ? one.sending->head().status() : one.last_status;
    why.proxy = one.sending != nullptr ? shown_proxy(one) : one.last_proxy;
    if (waits_for_pause) why.kind = error_kind::rate_limited;
    detach(one);
    fail(one, std::move(why));
}

void fetch_run::fail(detail::slot& item, unsigned attempts, failure why) noexcept {
    item.attempts = attempts;
    item.fail("fetch", std::move(why));
    finished_.push_back(item);
}

void fetch_run::fail(job& one, failure why) noexcept {
    one.item->fail("fetch", std::move(why));
    leave(one);
}

void fetch_run::fail_for_lack_of_memory(job& one) noexcept {
    detach(one);
    fail(one, {error_kind::local_resource, "out of memory"});  // Short enough to need none itself.
}

void fetch_run::leave(job& one) noexcept {
    one.item->attempts = one.attempts;
    finished_.push_back(*one.item);
    by_age_.erase(one);
    host_queue& host = *one.host;
    jobs_.give_back(one);
    schedule_.left(host);
    schedule_.forget_if_idle(host);
}

void fetch_run::detach(job& one) noexcept {
    if (one.sending != nullptr) {
        transfers_.cancel(*one.sending);
        give_transfer_back(*one.sending);
    } else if (one.sleeping_at != 0) {
        sleeping_.erase(one);
    } else if (jobs_by_turn::holds(one)) {
        let_go(one);
    }
}

}  // namespace penstock::fetch_stage
