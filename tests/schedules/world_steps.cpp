#include <poll.h>

#include <algorithm>
#include <utility>

#include "world.hpp"

// Who moves when, and what they do then.
namespace penstock::testing {

namespace {

using namespace std::chrono_literals;
using time_point = std::chrono::steady_clock::time_point;

}  // namespace

/// One step of somebody; true if it is fetch's.
bool world::move(time_point fetch_due) {
    switch (script_.below(16)) {
        case 0:
        case 1:
        case 2:
            if (may_admit()) admit();
            return false;
        case 3:
        case 4:
        case 5: let_transfer_go_on(); return false;
        case 6:
        case 7:
        case 8: return true;  // Also for nothing, as a signal would have it.
        case 9:
        case 10: flow_some(1 + script_.below(4)); return false;
        case 11:
        case 12: store(); return false;
        case 13: clock_.pass(std::chrono::milliseconds(1U << script_.below(trouble_.crowded ? 8 : 16))); return false;
        case 14: leap(fetch_due); return false;
        default: disturb(); return false;
    }
}

/// The same when nothing is chosen any more: whoever can move does. If nobody can and no time is waited for, the run
/// hangs.
bool world::move_in_turn(time_point fetch_due) {
    if (act_as_watch()) return false;
    if (may_admit()) return admit(), false;
    if (bell_rings() || fetch_due <= clock_.now()) return true;
    if (flow_on()) return false;
    if (store()) return false;
    if (let_transfer_go_on()) return true;
    transfers_.expect_nobody_idle();
    seen_.expect(!clocks_.all_held_up(), "all transfers are held up, and nothing is in their way");
    seen_.expect(leap(fetch_due), "the run hangs: nobody can move and nobody waits for a time");
    return false;
}

/// What happens seldom: somebody stops the run, or a resource is gone.
void world::disturb() {
    if (!trouble_.ends) return;
    switch (script_.below(16)) {
        case 8:
        case 9:
        case 10:
        case 11: act_as_watch(); return;
        case 12: letters_fail_ = true; return;
        case 13: curl_.refuse_adding = 1 + script_.below(2); return;
        case 14: return stop();
        case 15: return abandon();
        default: return;
    }
}

/// While the database is at work the others go on.
void world::meanwhile_writing() {
    ++in_a_write_;
    for (unsigned steps = script_.below(4); steps != 0; --steps) {
        switch (script_.below(8)) {
            case 0:
                if (may_admit()) admit();
                break;
            case 1: flow_some(2); break;
            case 2: clock_.pass(1s); break;
            case 3: disturb(); break;
            case 4: act_as_watch(); break;
            default: break;
        }
        look();
    }
    --in_a_write_;
}

void world::meanwhile_working() {
    if (script_.one_in(8) && clocks_.fetch_waits()) clock_.pass(std::chrono::microseconds(1U << script_.below(14)));
    if (!trouble_.ends || !script_.one_in(64)) return;
    if (script_.one_in(2))
        stop();
    else
        abandon();
}

/// At the end of a round of fetch's, when it will not look again what was let go before it sleeps.
void world::meanwhile_delivering() {
    if (!script_.one_in(4)) return;
    pages_were_out_ = bytes_of_pages() != 0;
    for (unsigned steps = script_.below(8); steps != 0; --steps) flow_some(1);
}

/// In the middle of a round of fetch's, when it will not look into its mailbox again before it sleeps.
void world::meanwhile_fetching(const curl_easy& added) {
    // A hop may also be sent before that look.
    if (transfers_seen::is_hop(added) || !script_.one_in(8)) return;
    switch (script_.below(4)) {
        case 0:
            disturb();
            act_as_watch();
            return;
        case 1: act_as_watch(); return;
        default:
            if (may_admit()) admit();
    }
}

bool world::may_admit() {
    if (source_over_) return false;
    if (state_.ending().stop_requested()) return true;  // To learn of it.
    const auto& figures = state_.metrics();
    return detail::read(figures.taken) < detail::read(figures.all_settled) + state_.queue_size();
}

void world::admit() {
    if (admitting_.admit()) {
        clocks_.admitted(seen_.taken() - 1);
        left_for_fetch_ = true;
        return;
    }
    source_over_ = true;
    state_.close_admission();
}

/// What TBB's filters do, in so many steps: groups are cut, and each is taken through the rows while others are.
void world::flow_some(std::size_t most) {
    for (; most != 0; --most) {
        if (tokens_.empty() || script_.one_in(2)) {
            (void)intake_.is_much();  // Also fetches what is ready.
            if (!intake_.empty()) tokens_.push_back({intake_.cut(1 + script_.below(state_.workers())), 0});
        }
        if (tokens_.empty()) return;
        const std::size_t which = script_.below(static_cast<unsigned>(tokens_.size()));
        // A stage may end the run, and time may pass, but nobody else flows meanwhile.
        token& one = tokens_[which];
        one.group = rows_.pass(one.row, one.group, script_.below(state_.workers()));
        if (++one.row == rows_.size()) tokens_.erase(tokens_.begin() + static_cast<std::ptrdiff_t>(which));
    }
}

/// Flows by a step; false if there is nothing to flow.
bool world::flow_on() {
    (void)intake_.is_much();
    if (tokens_.empty() && intake_.empty()) return false;
    flow_some(1);
    return true;
}

bool world::store() {
    if (in_a_write_ != 0 || sink_->due() > clock_.now()) return false;
    sink_->step();
    return true;
}

/// What `watch` does; true if there was something to do.
bool world::act_as_watch() {
    if (state_.ending().stop_requested() && !draining_) {
        draining_ = true;
        drain_end_ = clock_.now() + options_.drain_timeout;
        feed_->stop();
        return true;
    }
    if (!cut_ && (state_.abandoned() || (draining_ && clock_.now() >= drain_end_))) {
        cut_ = true;
        state_.abandon();
        feed_->abandon();
        clocks_.abandoned();
        sink_->abandon();
        return true;
    }
    return false;
}

bool world::let_transfer_go_on() {
    std::vector<curl_easy*> able = curl_.under_way();
    std::erase_if(able, [](const curl_easy* one) { return !one->can_go_on(); });
    if (able.empty()) return false;
    transfers_.go_on(*able[script_.below(static_cast<unsigned>(able.size()))], script_.exhausted());
    return true;
}

/// Lets time pass until somebody wants to move; false if nobody waits for a time.
bool world::leap(time_point fetch_due) {
    time_point next = std::min(fetch_due, sink_->due());
    if (draining_ && !cut_) next = std::min(next, drain_end_);
    if (next == time_point::max()) return false;
    clock_.pass_until(next);
    return true;
}

void world::close_what_has_ended() {
    if (!flow_over_ && tokens_.empty() && intake_.ended()) {
        flow_over_ = true;
        sink_->close();
    }
    if (source_over_ && flow_over_ && sink_->over() && !all_over_) {
        all_over_ = true;
        feed_->close();
    }
}

void world::look() { seen_.look(state_); }

/// Fetch must not sleep while something was left for it.
void world::expect_fetch_awake(time_point fetch_due) {
    const bool orders = fetch_knows_of_stop_ != draining_ || fetch_knows_of_cut_ != cut_;
    const bool room = room_awaited_ && bytes_of_pages() == 0;
    if ((!orders && !room && !left_for_fetch_) || fetch_due <= clock_.now() || bell_rings()) return;
    seen_.expect(!orders, "fetch sleeps over an order");
    seen_.expect(!left_for_fetch_, "fetch sleeps over an item");
    seen_.expect(!room, "fetch sleeps although there is room again");
}

/// The bytes of pages that no stage has let go.
std::size_t world::bytes_of_pages() {
    std::size_t bytes = 0;
    for (std::size_t at = 0; at < state_.table().made(); ++at) {
        detail::slot& one = state_.table()[at];
        if (!one.in_flight || !one.holds_value() || seen_[one.ordinal].parsed) continue;
        bytes += static_cast<const page*>(one.value())->body().size();
    }
    return bytes;
}

void world::look_at_bytes() {
    std::size_t bytes = bytes_of_pages();
    for (const curl_easy* one : curl_.under_way()) {
        if (one->reply.is_success()) bytes += one->sent;
    }
    const std::size_t most = options_.max_bytes_in_flight + feed_->options().max_body;
    seen_.expect(bytes <= most, "more bytes in flight than allowed");
    seen_.expect(state_.metrics().bodies.peak() <= most, "a peak of bytes above what is allowed");
}

void world::stop() {
    asked_to_end_ = true;
    state_.end(end_reason::stopped);
}

void world::abandon() {
    asked_to_end_ = true;
    state_.abandon();
}

int world::events_for_fetch(epoll_event* events, int most) {
    int count = 0;
    const auto add = [&](int fd) {
        if (count == most) return;
        events[count].events = EPOLLIN;
        events[count++].data.fd = fd;
    };
    if (bell_rings()) add(bell_);
    for (const curl_socket_t fd : curl_.take_events()) add(fd);
    return count;
}

bool world::bell_rings() const {
    pollfd bell{bell_, POLLIN, 0};
    return ::poll(&bell, 1, 0) == 1;
}

}  // namespace penstock::testing
