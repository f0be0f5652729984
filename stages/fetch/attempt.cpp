#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "fetch_run.hpp"
#include "header_rules.hpp"
#include "request_rules.hpp"
#include "show_time.hpp"
#include "split_url.hpp"

// The life of a job: admitted, sent, redirected, judged.
namespace penstock::fetch_stage {

namespace {

failure bad_request(std::string_view what, std::string_view problem, std::string_view url) {
    return {error_kind::request, std::string(what) + ' ' + std::string(problem) + ": " + show_url(url)};
}

/// What libcurl has against a URL; empty if nothing. Throws `std::bad_alloc`.
std::string problem_for_curl(const std::string& url) {
    const url_handle parsed(curl_url());
    if (parsed == nullptr) throw std::bad_alloc();
    const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0);
    if (code == CURLUE_OUT_OF_MEMORY) throw std::bad_alloc();
    return code == CURLUE_OK ? std::string() : std::string("cannot be read (") + curl_url_strerror(code) + ')';
}

}  // namespace

host_queue* fetch_run::find_host(const request& asked, bool plain, split_url& where, failure& why) {
    where = origins_.read(asked.url);
    if (!where.problem.empty()) {
        why = bad_request("the URL", where.problem, asked.url);
        return nullptr;
    }
    for (std::size_t i = 0; i < asked.headers.size(); ++i) {
        const header& field = asked.headers[i];
        if (const std::string_view problem = problem_of(field); !problem.empty()) {
            why = bad_request("the request's " + show_header(field, i + 1), problem, asked.url);
            return nullptr;
        }
    }
    if (!plain) {
        if (const std::string problem = problem_of(asked); !problem.empty()) {
            why = {error_kind::request, problem + ": " + show_url(asked.url)};
            return nullptr;
        }
    }
    if (host_queue* const known = schedule_.find(origins_.origin())) return known;
    if (const std::string problem = problem_for_curl(asked.url); !problem.empty()) {
        why = bad_request("the URL", problem, asked.url);
        return nullptr;
    }
    const bool looked_up = !proxies_.any() || proxies_.may_look_up();
    return &schedule_.add(origins_.origin(), !looked_up || is_numeric_host(where.host));
}

void fetch_run::name_known(const job& of) noexcept {
    if (of.through.number != way::direct) proxies_.name_known(of.through.number);
    schedule_.name_known(*of.host);
}

void fetch_run::admit(detail::slot& item) {
    failure why;
    split_url where;
    const request& asked = *static_cast<const request*>(item.origin());
    const bool plain = is_plain(asked);
    host_queue* const host = find_host(asked, plain, where, why);
    if (host == nullptr) return fail(item, 0, std::move(why));
    job& one = jobs_.take();
    one.item = &item;
    one.host = host;
    one.where = where;
    one.url = asked.url;
    one.tag = asked.tag;
    one.plain = plain;
    one.has_fields = !asked.headers.empty();
    one.deadline =
        item_clock_.at(item.admitted) + std::chrono::duration_cast<time_point::duration>(run_.item_timeout());
    // In order, also if the clock has stood still since the item was admitted.
    if (by_age_.back() != nullptr) one.deadline = std::max(one.deadline, by_age_.back()->deadline);
    schedule_.came(*host);
    by_age_.push_back(one);
    schedule_.wait(one);
    if (host->pausing) park(*host);
}

void fetch_run::begin(job& one) {
    if (!find_way(one)) return;
    host_queue* left = nullptr;
    transfer& chosen = transfers_.take(*one.host, left);
    if (left != nullptr) schedule_.forget_if_idle(*left);
    one.sending = &chosen;
    std::string problem;
    if (!chosen.begin(one, problem)) {
        failure why = bad_request("the URL cannot be read:", problem, one.asked().url);  // It may throw.
        give_transfer_back(chosen);
        return fail(one, std::move(why));
    }
    clocks_.begin(chosen, now_);
    bodies_.begin(chosen);
    if (chosen.warm()) clocks_.begin_connection(chosen, now_);
    if (!transfers_.start(chosen)) throw std::bad_alloc();
    detail::add(figures_.attempts, 1);
    if (chosen.unverified()) detail::add(figures_.unverified, 1);
    if (one.attempts++ == 0) {
        one.host->retries.count_first();
    } else {
        detail::add(figures_.retries, 1);
    }
}

void fetch_run::ended(transfer& sent, CURLcode result) {
    const std::chrono::microseconds took = sent.add_time();
    if (const long connections = sent.new_connections(); connections > 0) {
        detail::add(figures_.connections, static_cast<std::uint64_t>(connections));
    }
    if (count_answer(sent)) {
        sent.keep_cookies();
        const int status = sent.head().status();
        if (is_redirect(status) && !sent.head().location().empty() && redirected(sent)) return;
        figures_.latency_us.record(static_cast<std::uint64_t>(took.count()));
    }
    if (sent.is_page(result)) return succeed(sent);
    const std::string shown = show_url(sent.url());
    auto judged = find_verdict(sent, sent.facts(result, shown), nullptr);
    if (!judged) return succeed(sent);
    judge(sent, std::move(*judged));
}

/// False if there was no whole head.
bool fetch_run::count_answer(const transfer& sent) noexcept {
    if (sent.head().now() != head_reader::state::complete) return false;
    // It may have come over a connection that was made for another origin, to a proxy.
    if (host_queue& host = *sent.work->host; !host.name_known) schedule_.name_known(host);
    const int status = sent.head().status();
    detail::add(figures_.statuses[status < 600 ? static_cast<std::size_t>(status) / 100 : 0], 1);
    return true;
}

bool fetch_run::redirected(transfer& sent) {
    auto next = follow(sent.url(), sent.head().location(), sent.hops() + 1, options_.max_redirects);
    if (auto* const refused = std::get_if<failure>(&next)) {
        refused->status = sent.head().status();
        judge(sent, {std::move(*refused), false});
        return true;
    }
    auto& to = std::get<hop>(next);
    const int status = sent.head().status();
    if (sent.with_body() && keeps_body(status, sent.method()) && !to.same_origin && !options_.resend_bodies) {
        judge(sent, {{error_kind::redirect,
                      "redirect from " + show_url(sent.url()) + " would send the request's body to another origin, "
                          + show_url(to.url) + "; ask there, or say resend_bodies",
                      status},
                     false});
        return true;
    }
    std::string problem;
    if (!sent.begin_hop(std::move(to.url), to.same_origin, status, problem)) {
        judge(sent, {bad_request("redirect to a URL that cannot be read:", problem, sent.url()), false});
        return true;
    }
    clocks_.connected(sent);
    if (!transfers_.start(sent)) throw std::bad_alloc();
    detail::add(figures_.redirects, 1);
    if (sent.unverified()) detail::add(figures_.unverified, 1);
    return true;
}

void fetch_run::succeed(transfer& sent) {
    job& one = *sent.work;
    note_answer(one);
    const page& made = *std::construct_at(static_cast<page*>(one.item->value()), sent.take_page());
    one.item->set_value(detail::value_type_of<page>);
    one.item->hold_bytes(account_, made.body().size());
    bodies_.finish(sent);
    give_transfer_back(sent);
    detail::add(figures_.pages, 1);
    detail::add(figures_.body_bytes, made.body().size());
    leave(one);
}

void fetch_run::judge(transfer& sent, verdict judged) {
    job& one = *sent.work;
    judged.why.proxy = shown_proxy(one);
    note_failure(one, judged);
    note_at_proxy(one, judged);
    const bool never_sent = judged.never_sent && sent.hops() == 0;
    if (judged.worth_a_retry && !never_sent && !sent.may_be_sent_again()) {
        judged.worth_a_retry = false;
        judged.why.reason +=
            one.asked().idempotency_key.empty()
                ? "; not tried again, for without an idempotency_key " + one.asked().method + " is sent once"
                : "; not tried again, for it went to another origin without its idempotency_key";
    }
    const std::chrono::seconds retry_after = sent.retry_after();
    give_transfer_back(sent);
    if (judged.of_proxy != fault_scope::none && judged.worth_a_retry && may_switch(one)) {
        return switch_proxy(one, judged.why);
    }
    retry_or_fail(one, judged, retry_after);
}

/// Ends an attempt whose time is over.
void fetch_run::call_off(transfer& late, std::string_view option, std::chrono::milliseconds time) {
    const phase reached = late.reached();
    const way& through = late.work->through;
    const proxied_facts facts = through.proxy != nullptr ? late.way_facts(through) : proxied_facts();
    transfers_.cancel(late);
    (void)count_answer(late);
    const std::string shown = show_url(late.url());
    const std::string detail = std::string(option) + " of " + show_time(time);
    judge(late, *find_verdict(late, late.facts_of_timeout(reached, detail, shown), &facts));
}

void fetch_run::give_transfer_back(transfer& sent) noexcept {
    job& one = *sent.work;
    one.sending = nullptr;
    clocks_.end(sent);
    bodies_.drop(sent);
    transfers_.keep(sent, *one.host);
    leave_way(one);
    schedule_.ended(*one.host);
}

}  // namespace penstock::fetch_stage
