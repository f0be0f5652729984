#include <algorithm>
#include <cerrno>
#include <string_view>

#include "descriptor_budget.hpp"
#include "redirect.hpp"
#include "split_url.hpp"
#include "transfer.hpp"

// What a transfer knows when an attempt has ended.
namespace penstock::fetch_stage {

namespace {

template <class Value>
Value read_info(CURL* easy, CURLINFO what) noexcept {
    Value value{};
    curl_easy_getinfo(easy, what, &value);
    return value;
}

}  // namespace

phase transfer::reached() const noexcept {
    if (head_.any()) return phase::receiving;
    CURL* const easy = easy_.get();
    if (read_info<curl_off_t>(easy, CURLINFO_PRETRANSFER_TIME_T) > 0) return phase::waiting;
    const split_url parts = split(url());
    if (parts.tls && read_info<curl_off_t>(easy, CURLINFO_CONNECT_TIME_T) > 0) return phase::securing;
    if (is_numeric_host(parts.host) || read_info<curl_off_t>(easy, CURLINFO_NAMELOOKUP_TIME_T) > 0) {
        return phase::connecting;
    }
    return phase::resolving;
}

attempt_facts transfer::facts(CURLcode result, std::string_view shown_url) const noexcept {
    attempt_facts facts;
    facts.result = result;
    facts.status = head_.status();
    facts.head_complete = head_.now() == head_reader::state::complete;
    facts.seen = seen_;
    facts.url = shown_url;
    if (result == CURLE_OK) return facts;
    facts.reached = reached();
    facts.detail = seen_ == trouble::contradictory_head ? head_.problem() : std::string_view(error_.data());
    if (seen_ == trouble::body_too_large || seen_ == trouble::head_too_large || seen_ == trouble::no_memory) {
        facts.detail = {};  // libcurl would only say that a callback refused.
    }
    facts.connection_reset = (result == CURLE_RECV_ERROR || result == CURLE_SEND_ERROR)
                             && read_info<long>(easy_.get(), CURLINFO_OS_ERRNO) == ECONNRESET;
    facts.address_denied = address_denied_;
    facts.local_shortage = local_shortage_;
    if (result == CURLE_COULDNT_RESOLVE_HOST || result == CURLE_COULDNT_CONNECT) {
        facts.local_shortage = facts.local_shortage
                               || facts.detail.find("thread failed to start") != std::string_view::npos
                               || short_of_descriptors();
    }
    return facts;
}

attempt_facts transfer::facts_of_timeout(phase reached, std::string_view detail,
                                         std::string_view shown_url) const noexcept {
    attempt_facts facts;
    facts.result = CURLE_OPERATION_TIMEDOUT;
    facts.status = head_.status();
    // A redirect whose body did not come in time is not followed, for there is no time left to do so.
    facts.head_complete = head_.now() == head_reader::state::complete && !is_redirect(facts.status);
    facts.url = shown_url;
    facts.reached = reached;
    facts.detail = detail;
    return facts;
}

std::chrono::microseconds transfer::add_time() noexcept {
    return took_ += std::chrono::microseconds(read_info<curl_off_t>(easy_.get(), CURLINFO_TOTAL_TIME_T));
}

long transfer::new_connections() const noexcept { return read_info<long>(easy_.get(), CURLINFO_NUM_CONNECTS); }

std::chrono::seconds transfer::retry_after() const noexcept {
    if (head_.status() != 429 && head_.status() != 503) return std::chrono::seconds(0);
    // Some servers mean "for ever" by numbers beyond what a duration can hold in nanoseconds, and a date may have
    // passed as long ago.
    constexpr curl_off_t longest = 10 * 365 * 86'400LL;
    const auto asked = read_info<curl_off_t>(easy_.get(), CURLINFO_RETRY_AFTER);
    return std::chrono::seconds(std::clamp<curl_off_t>(asked, 0, longest));
}

page::parts transfer::take_page() noexcept {
    served_ = hops_ == 0;
    return {head_.status(), url_, tag_, head_.text(), std::move(body_), took_};
}

}  // namespace penstock::fetch_stage
