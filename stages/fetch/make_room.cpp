#include "fetch_run.hpp"

// What is held up for lack of room, until bytes of bodies are let go elsewhere.
namespace penstock::fetch_stage {

void fetch_run::held_up(transfer& one) noexcept { clocks_.stop(one, now_); }

void fetch_run::look_for_room() noexcept { bodies_.set_released(account_.released()); }

void fetch_run::go_on() noexcept {
    while (body_share* const next = bodies_.next_to_go_on()) {
        auto& one = static_cast<transfer&>(*next);
        job& of = *one.work;
        clocks_.go_on(one, now_);
        // What libcurl has kept comes while this call lasts, and may hold the transfer up again.
        if (one.go_on()) continue;
        try {
            transfers_.cancel(one);
            ended(one, CURLE_WRITE_ERROR);
        } catch (...) {
            fail_for_lack_of_memory(of);
        }
    }
}

void fetch_run::ask_for_room() noexcept {
    account_.tell(bodies_.charged(), bodies_.peak());
    room_at_ = bodies_.wanted(room_needed_);
    account_.wake_at(room_at_);
    // Room that only slow servers take up is awaited like a turn at a host; other waiting is not the item's fault.
    item_clock_.let_run(!bodies_.anyone_held_up() && !(room_needed_ && bodies_.pages_out()), now_);
}

}  // namespace penstock::fetch_stage
