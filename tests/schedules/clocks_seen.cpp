#include "clocks_seen.hpp"

#include <algorithm>

#include "scripted_pieces.hpp"

namespace penstock::testing {

namespace {

std::uint64_t item_of(const curl_easy& one) { return scripted_parse::number_in(one.url); }

std::chrono::steady_clock::time_point now() { return std::chrono::steady_clock::now(); }

}  // namespace

void clocks_seen::begin_wait(time_point due, bool pages_out) {
    waiting_ = true;
    wait_began_ = now();
    stands_still_ = anyone_held_up();
    may_stand_still_ = stands_still_ || pages_out;
    if (due <= now()) return;
    for (const curl_easy* one : curl_.under_way()) {
        const std::uint64_t item = item_of(*one);
        const bool runs = !one->held_up() && one->now != curl_easy::step::over;
        seen_.expect(!runs || ran(item) < options_.timeout, "an attempt outlives its timeout", item);
        seen_.expect(one->connected || now() < one->began + options_.connect_timeout, "nobody watches a connection",
                     item);
        seen_.expect(now() < latest_deadline(item), "an attempt goes on after its item's deadline", item);
    }
}

void clocks_seen::end_wait() {
    const auto passed = waited();
    waiting_ = false;
    for (const curl_easy* one : curl_.under_way()) {
        if (one->held_up()) seen_[item_of(*one)].held_up += passed;
    }
    if (stands_still_) least_ += passed;
    if (may_stand_still_) most_ += passed;
}

void clocks_seen::admitted(std::uint64_t item) {
    seen_[item].stood_still_least = least_ + (stands_still_ ? waited() : std::chrono::nanoseconds(0));
    seen_[item].stood_still_most = most_;
}

clocks_seen::time_point clocks_seen::latest_deadline(std::uint64_t item) const {
    const auto lost = most_ - seen_[item].stood_still_most;
    return seen_[item].admitted + item_timeout_ + lost;
}

bool clocks_seen::may_be_called_off(const curl_easy& one, std::uint64_t item) const {
    const sighting& of = seen_[item];
    if (abandoned_ || one.lost_room) return true;
    if (now() >= of.admitted + item_timeout_ + (least_ - of.stood_still_least)) return true;
    if (!one.connected && now() >= one.began + options_.connect_timeout) return true;
    return !one.held_up() && ran(item) >= options_.timeout;
}

std::chrono::nanoseconds clocks_seen::waited() const {
    return waiting_ ? now() - wait_began_ : std::chrono::nanoseconds(0);
}

bool clocks_seen::anyone_held_up() const {
    const auto& all = curl_.under_way();
    return std::any_of(all.begin(), all.end(), [](const curl_easy* one) { return one->held_up(); });
}

bool clocks_seen::all_held_up() const {
    const auto& all = curl_.under_way();
    return !all.empty() && std::all_of(all.begin(), all.end(), [](const curl_easy* one) { return one->held_up(); });
}

std::chrono::nanoseconds clocks_seen::ran(std::uint64_t item) const {
    return now() - seen_[item].began - seen_[item].held_up;
}

}  // namespace penstock::testing
