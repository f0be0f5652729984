// What fetch makes of the end of an attempt.
#include <algorithm>

#include "formats.hpp"
#include "penstock/dead_letter.hpp"
#include "stages/fetch/classify.hpp"
#include "tests/schedules/choices.hpp"

namespace penstock::testing {

using namespace fetch_stage;

namespace {

/// Statuses that a user may want to be tried again; any, and none.
std::vector<int> statuses_of(choices& script) {
    std::vector<int> some;
    for (unsigned left = script.below(6); left != 0; --left) some.push_back(static_cast<int>(100 + 2 * script.byte()));
    return some;
}

bool is_one_of(error_kind kind, std::initializer_list<error_kind> these) {
    return std::find(these.begin(), these.end(), kind) != these.end();
}

/// The kinds that an end may be blamed on, by what was seen of it.
bool may_be(error_kind kind, const attempt_facts& facts) {
    if (facts.seen == trouble::no_memory) return kind == error_kind::local_resource;
    if (facts.seen == trouble::body_too_large || facts.seen == trouble::head_too_large)
        return kind == error_kind::too_large;
    if (facts.seen == trouble::contradictory_head) return kind == error_kind::truncated;
    if (facts.head_complete && (facts.status < 200 || facts.status > 299)) return kind == error_kind::bad_status;
    if (facts.result == CURLE_OK) return kind == error_kind::truncated && !facts.head_complete;
    if (facts.local_shortage) return kind == error_kind::local_resource;
    if (facts.result == CURLE_OPERATION_TIMEDOUT) return kind == error_kind::timeout;
    return is_one_of(kind, {error_kind::request, error_kind::truncated, error_kind::too_large, error_kind::other,
                            error_kind::local_resource});
}

}  // namespace

std::string check_classify(std::span<const std::uint8_t> bytes) {
    choices script(bytes);
    static constexpr trouble troubles[] = {trouble::none,
                                           trouble::none,
                                           trouble::none,
                                           trouble::no_memory,
                                           trouble::body_too_large,
                                           trouble::head_too_large,
                                           trouble::contradictory_head,
                                           trouble::body_not_wanted};
    static constexpr phase phases[] = {phase::resolving, phase::connecting, phase::securing, phase::waiting,
                                       phase::receiving};
    static constexpr std::string_view details[] = {"", "Too large response headers: 307201 > 307200", "scripted"};
    fetch_options options;
    options.retry_on_status = statuses_of(script);
    attempt_facts facts;
    facts.result = script.one_in(2) ? static_cast<CURLcode>(script.below(CURL_LAST)) : CURLE_OK;
    facts.status = static_cast<int>(script.below(8) * 100 + script.below(100));
    if (script.one_in(2)) facts.status = 200;
    facts.head_complete = !script.one_in(3);
    facts.local_shortage = script.one_in(4);
    facts.seen = script.pick(troubles);
    facts.reached = script.pick(phases);
    facts.detail = script.pick(details);
    facts.url = "http://host/path";

    const auto judged = classify(facts, options);
    const std::string what = "result " + std::to_string(facts.result) + ", status " + std::to_string(facts.status)
                             + (facts.head_complete ? "" : ", half a head") + ", trouble "
                             + std::to_string(static_cast<int>(facts.seen));
    const bool decided = facts.seen == trouble::none || facts.seen == trouble::body_not_wanted;
    const bool good = facts.head_complete && facts.status >= 200 && facts.status <= 299;
    const bool page = facts.result == CURLE_OK && decided && good;
    if (page && judged) return "a page is refused: " + what;
    if (page) return {};
    if (!judged) return "a page that is none: " + what;
    const failure& why = judged->why;
    if (!may_be(why.kind, facts)) return "blamed on " + std::string(to_string(why.kind)) + ": " + what;
    if (why.reason.find(facts.url) == why.reason.npos) return "a reason without its URL: " + what;
    const auto& again = options.retry_on_status;
    const bool wanted = std::find(again.begin(), again.end(), facts.status) != again.end();
    if (why.kind == error_kind::bad_status && judged->worth_a_retry != wanted)
        return "retries other statuses than it was told: " + what;
    if (why.kind == error_kind::too_large && judged->worth_a_retry) return "asks again for what is too large: " + what;
    if (why.kind == error_kind::timeout && !judged->worth_a_retry) return "gives up after a timeout: " + what;
    return {};
}

}  // namespace penstock::testing
