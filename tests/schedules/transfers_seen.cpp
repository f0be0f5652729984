#include "transfers_seen.hpp"

#include <algorithm>
#include <cmath>

#include "scripted_pieces.hpp"

namespace penstock::testing {

namespace {

using namespace std::chrono_literals;

/// Redirects lead here: a hop belongs to the attempt that met it.
constexpr const char* hop_folder = "/hop/";

std::string host_of(const std::string& url) {
    const std::size_t begin = url.find("//") + 2;
    return url.substr(begin, url.find('/', begin) - begin);
}

std::string status_line(int status) { return "HTTP/1.1 " + std::to_string(status) + " scripted\r\n"; }

}  // namespace

transfers_seen::transfers_seen(choices& script, witness& seen, scripted_curl& curl, const fetch_options& options,
                               limits most, const clocks_seen& clocks, std::span<const std::size_t> sizes, bool trouble)
    : script_(script),
      seen_(seen),
      curl_(curl),
      options_(options),
      most_(most),
      clocks_(clocks),
      sizes_(sizes),
      trouble_(trouble) {
    curl_.on_added = [this](curl_easy& one) { added(one); };
    curl_.on_refused = [this](curl_easy& one) { seen_[scripted_parse::number_in(one.url)].no_memory = true; };
    curl_.on_removed = [this](curl_easy& one) { removed(one); };
    curl_.on_name_known = [this](curl_easy& one) { hosts_[host_of(one.url)].known = true; };
}

bool transfers_seen::is_hop(const curl_easy& one) { return one.url.find(hop_folder) != std::string::npos; }

void transfers_seen::added(curl_easy& one) {
    const std::uint64_t item = scripted_parse::number_in(one.url);
    sighting& of = seen_[item];
    seen_.expect(of.open && !of.letter && !of.parsed, "a request for an item that fetch has done with", item);
    seen_.expect(!of.under_way, "two requests for an item at once", item);
    if (is_hop(one)) {
        seen_.expect(++of.hops <= options_.max_redirects, "more redirects than allowed", item);
    } else {
        begun(one, item);
    }
    const bool may_be_kept = of.hops == 0 && one.url.starts_with(one.served_last + '/');
    seen_.expect(one.connect_timeout == options_.connect_timeout || may_be_kept,
                 "libcurl is not told how long it may take to connect", item);
    of.under_way = true;
    of.whole = false;
    ++hosts_[home_[item]].under_way;
    look_at_limits();
}

void transfers_seen::begun(const curl_easy& one, std::uint64_t item) {
    sighting& of = seen_[item];
    const auto now = std::chrono::steady_clock::now();
    host& at = hosts_[home_[item] = host_of(one.url)];
    if (host_of(one.url) == "127.0.0.1") at.known = true;
    if (of.attempts == 0) {
        seen_.expect(item >= at.first_behind, "an origin's items are sent out of their order", item);
        at.first_behind = item + 1;
    }
    ++of.attempts;
    of.hops = 0;
    of.began = now;
    of.held_up = {};
    seen_.expect(!stopped_, "an attempt that begins after the stop", item);
    seen_.expect(of.attempts <= options_.retries + 1, "more attempts than allowed", item);
    seen_.expect(now < clocks_.latest_deadline(item), "an attempt that begins after the item's deadline", item);
    seen_.expect(!of.turned_away, "a retry that the server asked to be much later", item);
    seen_.expect(now >= of.not_before, "a retry that comes too soon", item);
    seen_.expect(now >= at.not_before, "a request to an origin that asked to be left alone", item);
}

void transfers_seen::look_at_limits() {
    std::size_t all = 0;
    std::size_t resolving = 0;
    for (const auto& [name, at] : hosts_) {
        all += at.under_way;
        if (!at.known && at.under_way != 0) ++resolving;
        seen_.expect(at.under_way <= (at.known ? most_.per_host : 1), "more requests at an origin than allowed");
    }
    seen_.expect(all <= most_.under_way, "more requests at once than allowed");
    seen_.expect(resolving <= most_.resolving, "more names are resolved at once than allowed");
}

void transfers_seen::removed(curl_easy& one) {
    const std::uint64_t item = scripted_parse::number_in(one.url);
    sighting& of = seen_[item];
    seen_.expect(one.now == curl_easy::step::over || clocks_.may_be_called_off(one, item),
                 "an attempt is called off without a reason", item);
    of.body_size = one.reply.body.size();
    of.under_way = false;
    --hosts_[home_[item]].under_way;
    of.no_memory = one.reply.result == CURLE_OUT_OF_MEMORY;
    of.whole = one.finished && one.harvested && one.reply.whole;
    // Half of the wait is certain, the rest is dice.
    const double most = static_cast<double>(options_.max_backoff.count());
    const double wait = std::min(
        most, static_cast<double>(options_.backoff.count()) * std::pow(options_.backoff_factor, of.attempts - 1.0));
    const auto half = std::chrono::nanoseconds(static_cast<std::int64_t>(wait * 0.5e6));
    const std::chrono::nanoseconds asked = one.answered ? std::chrono::seconds(one.reply.retry_after) : 0s;
    const auto now = std::chrono::steady_clock::now();
    of.turned_away = asked > options_.max_backoff;
    of.not_before = now + std::max(half, asked);
    of.not_after = now + std::max(2 * half, asked) + 1ms;  // epoll counts in milliseconds.
    if (one.answered) paused(one, hosts_[home_[item]], half);
}

/// An origin is left alone after a 429, or a 503 with Retry-After. An attempt that was called off may have told nobody.
void transfers_seen::paused(const curl_easy& one, host& at, std::chrono::nanoseconds half) {
    const std::chrono::seconds asked(one.reply.retry_after);
    const bool busy = !one.reply.head.empty() && one.reply.head.front() == status_line(429);
    if (asked.count() == 0 && !busy) return;
    const auto now = std::chrono::steady_clock::now();
    const auto obeyed = std::min<std::chrono::nanoseconds>(asked, options_.max_backoff);
    if (one.finished && one.harvested) at.not_before = std::max(at.not_before, now + std::max(half, obeyed));
    at.not_after = std::max(at.not_after, now + std::max(2 * half, obeyed) + 1ms);
}

/// True if the item's origin may be pausing; of an item that was never sent it is not known which one that is.
bool transfers_seen::pauses(std::uint64_t item) const {
    const auto now = std::chrono::steady_clock::now();
    const auto home = home_.find(item);
    if (home != home_.end()) return now <= hosts_.at(home->second).not_after;
    return std::any_of(hosts_.begin(), hosts_.end(), [&](const auto& at) { return now <= at.second.not_after; });
}

void transfers_seen::expect_nobody_idle() {
    if (!curl_.under_way().empty()) return;
    for (std::uint64_t item = 0; item < seen_.taken(); ++item) {
        if (!seen_.in_fetch(item)) continue;
        const bool sleeps = seen_[item].attempts != 0 && std::chrono::steady_clock::now() <= seen_[item].not_after;
        seen_.expect(sleeps || pauses(item), "fetch has nothing to do and forgets an item", item);
    }
}

void transfers_seen::go_on(curl_easy& one, bool kindly) {
    if (!one.replied) {
        one.replied = true;
        one.reply = kindly ? whole_page(scripted_parse::number_in(one.url)) : choose(one);
        const unsigned wire = script_.byte();
        one.reply.reuses = (wire & 3) != 3;
        one.reply.keeps = (wire & 12) != 12;
    }
    curl_.go_on(one, kindly ? 3 : 1 + script_.below(3));
}

answer transfers_seen::choose_page(std::uint64_t item) {
    answer page = whole_page(item, sizes_[script_.below(static_cast<unsigned>(sizes_.size()))]);
    const unsigned how = script_.byte();
    page.chunks = 1 + how % 8;
    if (how >= 128) page.head.erase(page.head.begin() + 1);  // Nobody knows how long it is.
    return page;
}

answer transfers_seen::whole_page(std::uint64_t item, std::size_t size) {
    answer page;
    page.whole = true;
    page.body = scripted_parse::body_of(item, size);
    page.head = {status_line(200), "Content-Length: " + std::to_string(page.body.size()) + "\r\n", "\r\n"};
    return page;
}

answer transfers_seen::choose(const curl_easy& one) {
    const std::uint64_t item = scripted_parse::number_in(one.url);
    if (!trouble_) return choose_page(item);
    switch (script_.below(16)) {
        case 8:
        case 9:
        case 10: return choose_status(item);
        case 11:
        case 12: return choose_failure(item);
        case 13: return choose_redirect(one, item);
        case 14: {
            answer page = choose_page(item);
            page.stalls = true;
            page.whole = false;
            return page;
        }
        case 15: {
            answer page = whole_page(item);
            page.whole = false;
            page.body.assign(options_.max_body + 1, 'x');
            page.chunks = 1 + script_.below(4);
            page.head = {status_line(200), "\r\n"};
            return page;
        }
        default: return choose_page(item);
    }
}

answer transfers_seen::choose_status(std::uint64_t item) {
    static constexpr int statuses[] = {503, 429, 500, 404, 204, 304, 410, 999, 301, 206};
    static constexpr int waits[] = {0, 1, 3, 60, 31'536'000};
    const int status = script_.pick(statuses);
    answer reply;
    // An answer without a body is a page as well.
    reply.whole = status == 204;
    reply.head = {status_line(status), "\r\n"};
    if (status == 206) reply = whole_page(item), reply.head.front() = status_line(206);
    if (status == 503 || status == 429) reply.retry_after = script_.pick(waits);
    if (status != 204 && status != 206) reply.body = "sorry";
    return reply;
}

answer transfers_seen::choose_failure(std::uint64_t item) {
    static constexpr CURLcode codes[] = {CURLE_COULDNT_RESOLVE_HOST,
                                         CURLE_COULDNT_CONNECT,
                                         CURLE_SSL_CONNECT_ERROR,
                                         CURLE_PEER_FAILED_VERIFICATION,
                                         CURLE_GOT_NOTHING,
                                         CURLE_RECV_ERROR,
                                         CURLE_PARTIAL_FILE,
                                         CURLE_WEIRD_SERVER_REPLY,
                                         CURLE_OUT_OF_MEMORY,
                                         CURLE_BAD_CONTENT_ENCODING,
                                         CURLE_HTTP2_STREAM,
                                         CURLE_SEND_FAIL_REWIND,
                                         CURLE_OK};
    const unsigned which = script_.below(std::size(codes));
    answer reply = whole_page(item);
    reply.whole = false;
    reply.result = codes[which];
    reply.opens = which >= 4;
    if (which == 4 || reply.result == CURLE_OK) reply.head = {status_line(200)};  // Cut behind its first line.
    if (which == 6) reply.body.pop_back();
    if (script_.one_in(4)) reply.head = {status_line(200), "Content-Length: 1\r\n", "Content-Length: 2\r\n", "\r\n"};
    return reply;
}

answer transfers_seen::choose_redirect(const curl_easy& one, std::uint64_t item) {
    static constexpr const char* targets[] = {"", "http://h0", "http://h2", "https://h0", "ftp://h0"};
    answer reply;
    const std::string to = script_.pick(targets) + (hop_folder + std::to_string(item));
    reply.head = {status_line(302), "Location: " + to + "\r\n", "\r\n"};
    if (one.url.starts_with("https") && script_.one_in(2)) reply.head.erase(reply.head.begin() + 1);
    return reply;
}

}  // namespace penstock::testing
